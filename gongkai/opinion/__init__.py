"""Opinion 政务舆情: what is said in public is watched, grouped into stories and, when a person takes one up, answered on a clock."""
