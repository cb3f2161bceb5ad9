"""Pages of people: one's own account, units, posts, staff, roster, account log. Mounted under `office/`."""

from django.urls import path

from gongkai.people.views import account, log, roster, staff, units

app_name = "people"

urlpatterns = [
    path("account/", account.me, name="me"),
    path("account/first/", account.first, name="first"),
    path("people/", units.home, name="home"),
    path("people/units/", units.units, name="units"),
    path("people/units/new/", units.new_unit, name="new_unit"),
    path("people/units/<int:pk>/", units.unit, name="unit"),
    path("people/units/<int:pk>/edit/", units.edit_unit, name="edit_unit"),
    path("people/units/<int:pk>/closure/", units.closure, name="closure"),
    path("people/units/<int:pk>/name/", units.new_name, name="new_name"),
    path("people/units/<int:pk>/posts/new/", units.new_post, name="new_post"),
    path("people/posts/<int:pk>/", units.edit_post, name="edit_post"),
    path("people/staff/", staff.staff, name="staff"),
    path("people/staff/new/", staff.new_staff, name="new_staff"),
    path("people/staff/<str:username>/", staff.person, name="person"),
    path("people/staff/<str:username>/edit/", staff.edit_staff, name="edit_staff"),
    path("people/staff/<str:username>/password/", staff.password, name="password"),
    path("people/staff/<str:username>/second-factor/", staff.second_factor, name="second_factor"),
    path("people/staff/<str:username>/access/", staff.access, name="access"),
    path("people/staff/<str:username>/posts/new/", staff.appointment, name="appointment"),
    path("people/staff/<str:username>/leave/", roster.leave, name="leave"),
    path("people/holdings/<int:pk>/end/", staff.end_holding, name="end_holding"),
    path("people/leave/<int:pk>/cancel/", roster.cancel_leave, name="cancel_leave"),
    path("people/roster/", roster.roster, name="roster"),
    path("people/roster/new/", roster.new_watch, name="new_watch"),
    path("people/roster/<int:pk>/remove/", roster.remove_watch, name="remove_watch"),
    path("people/log/", log.log, name="log"),
    path("people/log.csv", log.log_csv, name="log_csv"),
]
