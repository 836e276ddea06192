"""Fees and everything that can be done to them. One file per verb; each verb is one command.

The steps of a command, always in this order: allow, lock, replay, check, post, project, record.
"""
