"""Four kinds of messages pass, and of operations one."""

from __future__ import annotations

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from dashboards.guard.messages import Verdict, discreet, judged

MOST = 1000
PASSING = {"rerun_script", "stop_script", "app_heartbeat", "backend_operation_request"}
KINDS = [field.name for field in BackMsg.DESCRIPTOR.fields if field.containing_oneof]
OPERATIONS = [
    field.name
    for field in BackMsg.DESCRIPTOR.fields_by_name["backend_operation_request"].message_type.fields
    if field.containing_oneof
]


def message(kind: str) -> BackMsg:
    made = BackMsg()
    if BackMsg.DESCRIPTOR.fields_by_name[kind].message_type is None:
        setattr(made, kind, True)
    else:
        getattr(made, kind).SetInParent()
    return made


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_there_is(kind: str) -> None:
    verdict = judged(message(kind).SerializeToString(), MOST)
    # An operation without a payload is none of those that pass.
    assert verdict.passes is (kind in PASSING - {"backend_operation_request"})


@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_operation_there_is(operation: str) -> None:
    asked = BackMsg()
    getattr(asked.backend_operation_request, operation).SetInParent()
    assert judged(asked.SerializeToString(), MOST).passes is (operation == "dataframe_chunk")


def test_what_a_reader_does_is_told_from_what_the_page_does_by_itself() -> None:
    asked = BackMsg()
    asked.rerun_script.query_string = "lang=en"
    assert judged(asked.SerializeToString(), MOST) is Verdict.ACTION
    asked.rerun_script.is_auto_rerun = True
    assert judged(asked.SerializeToString(), MOST) is Verdict.SILENT
    assert judged(message("app_heartbeat").SerializeToString(), MOST) is Verdict.SILENT


def test_what_is_no_message() -> None:
    assert judged(None, MOST) is Verdict.KIND
    assert judged(b"\xff\xff\xff", MOST) is Verdict.MALFORMED
    assert judged(b"", MOST) is Verdict.FORBIDDEN


def test_a_session_opens_without_a_word_of_its_server() -> None:
    told = ForwardMsg()
    told.new_session.main_script_path = "/suite/app.py"
    told.new_session.main_script_hash = "hash"
    told.new_session.initialize.session_id = "session"
    told.new_session.initialize.user_info.installation_id = "mark"
    told.new_session.initialize.environment_info.python_version = "3.11.2"
    told.new_session.initialize.environment_info.streamlit_version = "1.67.0"
    left = ForwardMsg.FromString(discreet(told.SerializeToString(), b"/suite/app.py")).new_session
    assert left.main_script_path == "app.py"
    assert left.initialize.environment_info.python_version == ""
    assert left.initialize.user_info.installation_id == ""
    assert left.initialize.HasField("user_info"), "without it the page is not drawn"
    assert (left.main_script_hash, left.initialize.session_id) == ("hash", "session")
    assert left.initialize.environment_info.streamlit_version == "1.67.0"


def test_other_messages_stay_as_they_are() -> None:
    told = ForwardMsg()
    told.delta.new_element.text.body = "see /suite/app.py"
    frame = told.SerializeToString()
    assert discreet(frame, b"/suite/app.py") == frame


def test_size_is_bounded_to_the_byte() -> None:
    asked = BackMsg()
    asked.rerun_script.query_string = "x" * (MOST - len("xxx") - 3)
    frame = asked.SerializeToString()
    assert judged(frame, len(frame)).passes
    assert judged(frame, len(frame) - 1) is Verdict.TOO_BIG
