"""The parameters of a family with RDS's own defaults, as far as they matter to an application.

A line: name, apply type (s: static, d: dynamic), data type, RDS's value ("-": the engine's own default), what is allowed
("-": anything), and `fixed` when nobody may change it.
https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Appendix.PostgreSQL.CommonDBATasks.Parameters.html
"""

from __future__ import annotations

from functools import cache

from .engines import FAMILIES, number
from .state import Parameter

POSTGRES = r"""
application_name d string - -
auto_explain.log_min_duration d integer - -1-2147483647
autovacuum d boolean 1 0,1
autovacuum_analyze_scale_factor d float 0.05 0-100
autovacuum_max_workers s integer GREATEST({DBInstanceClassMemory/64371566592},3) 1-262143
autovacuum_naptime d integer 15 1-2147483
autovacuum_vacuum_cost_limit d integer GREATEST({log(DBInstanceClassMemory/21474836480)*600},200) -1-10000
autovacuum_vacuum_scale_factor d float 0.1 0-100
checkpoint_completion_target d float 0.9 0-1
checkpoint_timeout d integer - 30-86400
client_encoding d string - -
client_min_messages d string - debug5,debug4,debug3,debug2,debug1,log,notice,warning,error
cron.database_name s string - -
datestyle d string - -
deadlock_timeout d integer - 1-2147483647
default_statistics_target d integer - 1-10000
default_transaction_isolation d string - serializable,repeatable\x20read,read\x20committed,read\x20uncommitted
effective_cache_size d integer {DBInstanceClassMemory/16384} 1-2147483647
effective_io_concurrency d integer - 0-1000
fsync d boolean 1 0,1 fixed
full_page_writes d boolean 1 0,1 fixed
hot_standby_feedback d boolean - 0,1
huge_pages s string on on,off,try
idle_in_transaction_session_timeout d integer 86400000 0-2147483647
idle_session_timeout d integer - 0-2147483647
jit d boolean - 0,1
listen_addresses s string * - fixed
lock_timeout d integer - 0-2147483647
log_autovacuum_min_duration d integer 10000 -1-2147483647
log_connections d boolean - 0,1
log_disconnections d boolean - 0,1
log_duration d boolean - 0,1
log_error_verbosity d string - terse,default,verbose
log_hostname d boolean 0 0,1
log_line_prefix d string %t:%r:%u@%d:[%p]: -
log_lock_waits d boolean - 0,1
log_min_duration_statement d integer - -1-2147483647
log_min_error_statement d string - {levels}
log_min_messages d string - {levels}
log_rotation_age d integer 60 1-1440
log_statement d string - none,ddl,mod,all
log_temp_files d integer - -1-2147483647
maintenance_work_mem d integer GREATEST({DBInstanceClassMemory*1024/63963136},65536) 1024-2147483647
max_connections s integer LEAST({DBInstanceClassMemory/9531392},5000) 6-262143
max_locks_per_transaction s integer 64 10-2147483647
max_logical_replication_workers s integer - 0-262143
max_parallel_workers d integer GREATEST({DBInstanceVCPU/2},8) 0-1024
max_parallel_workers_per_gather d integer - 0-1024
max_prepared_transactions s integer 0 0-262143
max_replication_slots s integer 20 0-262143
max_standby_streaming_delay d integer 300000 -1-2147483647
max_wal_senders s integer 35 5-262143
max_wal_size d integer 2048 128-201326592
max_worker_processes s integer GREATEST({DBInstanceVCPU*2},8) 0-262143
min_wal_size d integer 192 128-201326592
password_encryption d string {password} md5,scram-sha-256
pg_stat_statements.max s integer - 100-2147483647
pg_stat_statements.track d string TOP none,top,all,TOP
pgaudit.log d string - ddl,function,misc,read,role,write,none,all,-ddl,-function,-misc,-read,-role,-write
pgaudit.role d string - rds_pgaudit
port s integer EndPointPort 1-65535 fixed
random_page_cost d float - 0-1.79769e+308
rds.accepted_password_auth_method d string md5+scram md5+scram,scram
rds.allowed_extensions d string - -
rds.extensions s string - - fixed
rds.force_autovacuum_logging_level d string WARNING disabled,{levels},WARNING
rds.force_ssl d boolean {force_ssl} 0,1
rds.log_retention_period d integer 4320 1440-10080
rds.logical_replication s boolean 0 0,1
rds.rds_superuser_reserved_connections s integer 2 0-262143
rds.restrict_password_commands s boolean - 0,1
search_path d string - -
shared_buffers s integer {DBInstanceClassMemory/32768} 16-1073741823
shared_preload_libraries s list pg_stat_statements {libraries}
ssl d boolean 1 0,1 fixed
ssl_max_protocol_version d string - TLSv1.2,TLSv1.3
ssl_min_protocol_version d string TLSv1.2 TLSv1.2,TLSv1.3
statement_timeout d integer - 0-2147483647
superuser_reserved_connections s integer 3 0-262143
synchronous_commit d string on local,on,off
tcp_keepalives_count d integer 2 0-2147483647
tcp_keepalives_idle d integer 300 0-2147483647
tcp_keepalives_interval d integer 30 0-2147483647
temp_buffers d integer - 100-1073741823
timezone d string UTC -
track_activity_query_size s integer 4096 100-102400
track_functions d string - none,pl,all
track_io_timing d boolean 1 0,1
wal_buffers s integer - -1-262143
wal_keep_size d integer 2048 0-2147483647
wal_level s string replica minimal,replica,logical fixed
wal_receiver_timeout d integer 30000 0-3600000
wal_sender_timeout d integer 30000 0-3600000
work_mem d integer - 64-2147483647
"""
MYSQL = """
autocommit d boolean - 0,1
binlog_format d string MIXED ROW,STATEMENT,MIXED
binlog_row_image d string FULL full,minimal,noblob,FULL
character_set_client d string - big5,latin1,utf8mb3,utf8mb4,utf8
character_set_connection d string - big5,latin1,utf8mb3,utf8mb4,utf8
character_set_database d string - big5,latin1,utf8mb3,utf8mb4,utf8
character_set_results d string - big5,latin1,utf8mb3,utf8mb4,utf8
character_set_server d string - big5,latin1,utf8mb3,utf8mb4,utf8
collation_connection d string - -
collation_server d string - -
connect_timeout d integer - 2-31536000
datadir s string /rdsdbdata/db/ - fixed
default_storage_engine s string InnoDB - fixed
default_time_zone s string - -
event_scheduler d string - ON,OFF
explicit_defaults_for_timestamp s boolean 1 0,1
general_log d boolean - 0,1
innodb_buffer_pool_size s integer {DBInstanceClassMemory*3/4} 5242880-18446744073709551615
innodb_file_per_table d boolean 1 0,1
innodb_flush_log_at_trx_commit d integer 1 0,1,2
innodb_lock_wait_timeout d integer - 1-1073741824
innodb_log_buffer_size d integer 8388608 262144-4294967295
innodb_print_all_deadlocks d boolean - 0,1
interactive_timeout d integer - 1-31536000
local_infile d boolean 1 0,1
lock_wait_timeout d integer - 1-31536000
log_bin_trust_function_creators d boolean - 0,1
log_output d string TABLE TABLE,FILE,NONE
long_query_time d float - 0-31536000
lower_case_table_names s integer - 0,1
max_allowed_packet d integer - 1024-1073741824
max_connections d integer {DBInstanceClassMemory/12582880} 1-100000
max_execution_time d integer - 0-18446744073709551615
net_read_timeout d integer - 1-31536000
performance_schema s boolean 0 0,1
port s integer {EndPointPort} 1-65535 fixed
read_only d string {TrueIfReplica} 0,1,{TrueIfReplica}
require_secure_transport d boolean {force_ssl} 0,1
skip_name_resolve s boolean - 0,1
slow_query_log d boolean - 0,1
sql_mode d list - {modes}
sync_binlog d integer 1 0-4294967295
table_open_cache d integer - 1-524288
thread_cache_size d integer - 0-16384
time_zone d string UTC -
tls_version s list - TLSv1.2,TLSv1.3
tmp_table_size d integer - 1024-18446744073709551615
transaction_isolation d string - READ-UNCOMMITTED,READ-COMMITTED,REPEATABLE-READ,SERIALIZABLE
wait_timeout d integer - 1-31536000
"""
# Long lists of allowed values, by the name that stands for them above.
LISTS = {
    "{levels}": "debug5,debug4,debug3,debug2,debug1,info,notice,warning,error,log,fatal,panic",
    "{libraries}": "auto_explain,orafce,pgaudit,pglogical,pg_bigm,pg_cron,pg_hint_plan,pg_prewarm,pg_similarity,pg_stat_statements,pg_tle,"
    "pg_transport,plprofiler,plrust",
    "{modes}": "ALLOW_INVALID_DATES,ANSI,ANSI_QUOTES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE,"
    "ONLY_FULL_GROUP_BY,STRICT_ALL_TABLES,STRICT_TRANS_TABLES,TRADITIONAL",
}
TABLES = {"postgres": POSTGRES, "mysql": MYSQL, "mariadb": MYSQL}
# Since when a connection without TLS is refused by default.
FORCED_TLS = {"postgres": (15,), "mysql": (8, 4), "mariadb": (11, 8)}


def _value(value: str, engine: str, major: tuple[int, ...]) -> str | None:
    """RDS's default, where it depends on the version."""
    if value == "{force_ssl}":
        return "1" if major >= FORCED_TLS[engine] else "0"
    if value == "{password}":
        return "scram-sha-256" if major >= (14,) else "md5"
    return None if value == "-" else value


def _allowed(text: str) -> str:
    for name, values in LISTS.items():
        text = text.replace(name, values)
    return text.replace("\\x20", " ")


@cache
def defaults(family: str) -> dict[str, Parameter]:
    """The parameters of a family by name, in the shape of DescribeDBParameters."""
    engine = FAMILIES[family].name
    major = number(family.removeprefix(engine))
    found: dict[str, Parameter] = {}
    for line in TABLES[engine].strip().splitlines():
        name, apply, kind, value, allowed, *fixed = line.split(" ")
        chosen = _value(value, engine, major)
        found[name] = {
            "ParameterName": name,
            **({"ParameterValue": chosen} if chosen is not None else {}),
            "Description": f"Sets {name}.",
            "Source": "engine-default" if chosen is None else "system",
            "ApplyType": "static" if apply == "s" else "dynamic",
            "DataType": kind,
            **({} if allowed == "-" else {"AllowedValues": _allowed(allowed)}),
            "IsModifiable": not fixed,
            "ApplyMethod": "pending-reboot",
        }
    return found


def accepts(parameter: Parameter, value: str) -> bool:
    """Whether a value is one that a parameter allows; an expression such as {DBInstanceClassMemory/2} is taken as it is."""
    allowed = parameter.get("AllowedValues")
    if allowed is None or "{" in value:
        return True
    kind = parameter["DataType"]
    if kind == "list":
        return all(part.strip() in allowed.split(",") for part in value.split(",") if part.strip())
    if kind in ("integer", "float") and "," not in allowed:
        low, high = allowed.rsplit("-", 1)
        try:
            return float(low) <= float(value) <= float(high) and (kind == "float" or value.lstrip("-").isdigit())
        except ValueError:
            return False
    return value in allowed.split(",")
