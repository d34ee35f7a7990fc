"""The Django project that moves: three front ends' worth of it, of which DJANGO_SETTINGS_MODULE names one."""

import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
