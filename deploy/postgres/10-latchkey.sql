-- Run once by the image, when the data directory is empty. Latchkey is no superuser: it owns its own database.
\set password `cat /run/secrets/postgres-latchkey-password`
create role latchkey login password :'password';
create database latchkey owner latchkey;
