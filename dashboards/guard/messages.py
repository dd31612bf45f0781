"""The only file that decides which messages of a browser reach Streamlit, and what it tells of itself."""

from __future__ import annotations

from enum import Enum

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

# All that a reader's browser sends on our pages. The others empty everybody's caches, upload, or ask for
# files and skills of the server; Streamlit 1.67 answers them to anyone.
_PASSING = {"rerun_script", "stop_script", "app_heartbeat"}
# Rows of a long table that were scrolled into sight; files go through exports.py.
_OPERATIONS = {"dataframe_chunk"}
# Bytes of the longest message that opens a session; longer ones are what pages show.
_OPENING = 1 << 16


class Verdict(Enum):
    """What happens to a message; the value of a refusal is the code its socket is closed with (RFC 6455)."""

    ACTION = 0
    SILENT = 1  # passes, and says nothing of a reader being there
    MALFORMED = 1002
    KIND = 1003
    FORBIDDEN = 1008
    TOO_BIG = 1009

    @property
    def passes(self) -> bool:
        """True when the message may go on."""
        return self in {Verdict.ACTION, Verdict.SILENT}


def judged(frame: bytes | None, most: int) -> Verdict:
    """Judges one message (None: it was text) of at most `most` bytes."""
    if frame is None:
        return Verdict.KIND
    if len(frame) > most:
        return Verdict.TOO_BIG
    message = BackMsg()
    try:
        message.ParseFromString(frame)
    except Exception:  # noqa: BLE001 - as Streamlit does: the decoder belongs to a package we do not import
        return Verdict.MALFORMED
    kind = message.WhichOneof("type")
    if kind == "rerun_script":
        return Verdict.SILENT if message.rerun_script.is_auto_rerun else Verdict.ACTION
    if kind in _PASSING:
        return Verdict.SILENT
    if kind == "backend_operation_request":
        operation = message.backend_operation_request.WhichOneof("payload")
        return Verdict.ACTION if operation in _OPERATIONS else Verdict.FORBIDDEN
    return Verdict.FORBIDDEN


def discreet(frame: bytes, entry: bytes) -> bytes:
    """A message to a browser without what Streamlit tells of its server at the start of every run.

    That is the path of the entry script (`entry`), by which such a message is known, the versions of Python
    and of the system, and the marks of the installation. Streamlit's own stays: an upgrade reloads pages.
    """
    if len(frame) > _OPENING or entry not in frame:
        return frame
    message = ForwardMsg.FromString(frame)
    if message.WhichOneof("type") != "new_session":
        return frame
    opening = message.new_session
    opening.main_script_path = "app.py"
    opening.initialize.user_info.Clear()
    opening.initialize.user_info.SetInParent()  # the browser reads it, whatever it holds
    for told in ("python_version", "server_os", "has_display"):
        opening.initialize.environment_info.ClearField(told)
    return bytes(message.SerializeToString())
