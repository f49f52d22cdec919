"""Organisations that were there before the directory are claimed, and found by name."""

import psycopg

from api.db.cluster import SUPERUSER
from api.db.migrate import migrate
from api.db.roles import OWNER
from api.ids import uuid7


def test_who_was_there_is_claimed_and_found(cluster) -> None:
    name = f"t_{uuid7().hex}"
    with psycopg.connect(cluster.cluster.address(SUPERUSER, "postgres"), autocommit=True) as superuser:
        superuser.execute(f"create database {name} owner {OWNER}")
        try:
            owner = cluster.cluster.address(OWNER, name)
            migrate(owner, "0009")
            with psycopg.connect(owner) as connection:
                insert = (
                    "insert into organisation (id, name, roles, created_at) values (%s, %s, array['vendor'], now())"
                )
                connection.execute(insert, (uuid7(), "Žofia-Works  Ltd."))
            migrate(owner)
            with psycopg.connect(owner) as connection:
                query = "select name_key, proof, claimed_at = created_at, domain_contested from organisation"
                assert connection.execute(query).fetchall() == [("zofia works ltd", "operator", True, False)]
        finally:
            superuser.execute(f"drop database {name} with (force)")
