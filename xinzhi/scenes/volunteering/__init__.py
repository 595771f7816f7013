"""Volunteering (志愿服务): activities, hours confirmed by two, certificates."""
