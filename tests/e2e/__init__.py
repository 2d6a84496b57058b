"""The whole product from outside: a real server, real hosts, real disks."""
