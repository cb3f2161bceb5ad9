"""Pages of people: one's own account, units, posts, staff, roster, account log. Mounted under `office/`."""

from django.urls import path

from gongkai.people import views

app_name = "people"

urlpatterns = [
    path("account/", views.me, name="me"),
    path("account/first/", views.first, name="first"),
    path("people/", views.home, name="home"),
    path("people/units/", views.units, name="units"),
    path("people/units/new/", views.new_unit, name="new_unit"),
    path("people/units/<int:pk>/", views.unit, name="unit"),
    path("people/units/<int:pk>/edit/", views.edit_unit, name="edit_unit"),
    path("people/units/<int:pk>/closure/", views.closure, name="closure"),
    path("people/units/<int:pk>/name/", views.new_name, name="new_name"),
    path("people/units/<int:pk>/posts/new/", views.new_post, name="new_post"),
    path("people/posts/<int:pk>/", views.edit_post, name="edit_post"),
    path("people/staff/", views.staff, name="staff"),
    path("people/staff/new/", views.new_staff, name="new_staff"),
    path("people/staff/<str:username>/", views.person, name="person"),
    path("people/staff/<str:username>/edit/", views.edit_staff, name="edit_staff"),
    path("people/staff/<str:username>/password/", views.password, name="password"),
    path("people/staff/<str:username>/second-factor/", views.second_factor, name="second_factor"),
    path("people/staff/<str:username>/access/", views.access, name="access"),
    path("people/staff/<str:username>/posts/new/", views.appointment, name="appointment"),
    path("people/staff/<str:username>/leave/", views.leave, name="leave"),
    path("people/holdings/<int:pk>/end/", views.end_holding, name="end_holding"),
    path("people/leave/<int:pk>/cancel/", views.cancel_leave, name="cancel_leave"),
    path("people/roster/", views.roster, name="roster"),
    path("people/roster/new/", views.new_watch, name="new_watch"),
    path("people/roster/<int:pk>/remove/", views.remove_watch, name="remove_watch"),
    path("people/log/", views.log, name="log"),
    path("people/log.csv", views.log_csv, name="log_csv"),
]
