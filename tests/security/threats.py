"""Which attacks there are and which defence stops each alone; `python -m tests.security.threats` writes the table."""

from collections.abc import Callable
from typing import NamedTuple

from tests.security import attacks_at_the_login as login
from tests.security import attacks_by_fields as fields
from tests.security import attacks_by_pages as pages
from tests.security import attacks_by_paths as paths
from tests.security import attacks_by_strangers as strangers
from tests.security import attacks_by_text as text
from tests.security import attacks_on_the_wire as wire
from tests.security.site import Site
from tests.servers import ROOT


class Threat(NamedTuple):
    """`attack` says what it gained. Each of the `layers` stops it alone, without all the others.

    `is_small`: every run of the tests carries it out; the others are left to `script/prove attacks`.
    """

    row: str
    attack: Callable[[Site], str]
    layers: tuple[str, ...]
    is_small: bool = True

    @property
    def name(self) -> str:
        return self.attack.__name__.replace("_", " ")


STRANGER, PAGE, MARKUP = "a stranger on the LAN", "a malicious page", "markup in names, logs, errors"
CONTROLS, OPTIONS, PATHS = "control characters", "options in fields", "paths"
SESSIONS, GUESSING, BODIES = "sessions", "guessing", "redirects, headers, bodies"
REMOTES = ("remotes that are configured only", "settings of a remote are left out")
THREATS = (
    Threat(STRANGER, strangers.through_a_proxy_on_the_same_machine, ("forwarding headers are noticed",)),
    Threat(STRANGER, strangers.a_live_connection_through_a_proxy, ("forwarding headers are noticed",)),
    Threat(STRANGER, strangers.without_an_account, ("pages ask for an account",)),
    Threat(STRANGER, strangers.a_live_connection_without_an_account, ("the socket asks for an account",)),
    Threat(STRANGER, strangers.a_new_address_that_nobody_thought_about, ("what declares nothing is refused",)),
    Threat(STRANGER, strangers.from_another_machine, ("others' addresses are noticed",)),
    Threat(STRANGER, strangers.through_a_proxy_that_adds_no_header, ("the old protocol is noticed",)),
    Threat(STRANGER, login.anybody_sends_the_header_of_the_proxy, ("a name comes from a proxy only",)),
    Threat(STRANGER, strangers.a_viewer_does_what_administrators_do, ("roles are asked for",)),
    Threat(STRANGER, strangers.a_forwarded_host_in_the_place_of_a_wrong_one, ("no proxy is trusted",)),
    Threat(STRANGER, strangers.a_forwarded_scheme_makes_an_origin_ours, ("no proxy is trusted",)),
    Threat(PAGE, pages.a_form_makes_a_job, ("pages compare origins", "a change takes a token")),
    Threat(PAGE, pages.a_script_sends_what_is_no_form, ("pages compare origins", "a change takes a token"), False),
    Threat(PAGE, pages.a_script_starts_a_job, ("pages compare origins", "a change takes a token"), False),
    Threat(PAGE, pages.an_image_changes_something, ("a change takes another method",), False),
    Threat(PAGE, pages.a_page_reads_an_answer, ("no answer for other origins",), False),
    Threat(PAGE, pages.a_page_listens_to_the_live_connection, ("the socket compares origins",)),
    Threat(PAGE, pages.a_rebound_name_is_this_server, ("own host names only", "open under loopback names only")),
    Threat(PAGE, pages.a_rebound_page_says_that_it_was_forwarded, ("no proxy is trusted",), False),
    Threat(PAGE, pages.a_frame_shows_our_page_under_theirs, ("frame-ancestors",)),
    Threat(PAGE, pages.a_window_that_they_opened_stays_in_their_hands, ("Cross-Origin-Opener-Policy",), False),
    Threat(MARKUP, text.markup_in_a_text_runs_a_script, ("templates escape", "Content-Security-Policy")),
    Threat(MARKUP, text.markup_in_a_text_becomes_elements, ("templates escape",), False),
    Threat(MARKUP, text.markup_in_a_live_event_runs_a_script, ("scripts write text", "Content-Security-Policy")),
    Threat(CONTROLS, text.control_characters_reach_whoever_reads, ("control characters are written out",)),
    Threat(CONTROLS, text.a_line_break_in_a_name_forges_a_line, ("control characters are written out",), False),
    Threat(OPTIONS, fields.a_source_is_an_option_of_rsync, ("locations by strict rules", "paths stand behind --")),
    Threat(OPTIONS, fields.a_source_is_a_connection_string_of_rclone, REMOTES),
    Threat(OPTIONS, fields.a_remote_is_given_other_options, REMOTES, False),
    Threat(OPTIONS, fields.the_path_of_a_key_is_an_option_of_ssh, ("words for ssh are quoted",)),
    Threat(OPTIONS, fields.the_environment_of_the_server_commands_the_tools, ("the environment is scrubbed",)),
    Threat(OPTIONS, fields.a_tag_of_yaml_makes_an_object, ("YAML without tags",)),
    Threat(PATHS, paths.a_name_in_an_address_leads_elsewhere, ("static files inside their folder",), False),
    Threat(PATHS, paths.a_static_file_lies_elsewhere, ("static files inside their folder",)),
    Threat(PATHS, paths.an_id_in_the_file_is_a_path, ("ids by a pattern",)),
    Threat(PATHS, paths.a_folder_above_the_copy_is_looked_into, ("names in a copy are checked",)),
    Threat(PATHS, paths.a_link_leads_out_of_the_copy, ("links in a copy are not followed",)),
    Threat(PATHS, paths.a_key_is_made_elsewhere, ("names of keys by a pattern",)),
    Threat(PATHS, paths.a_log_that_is_a_link_shows_another_file, ("links among logs are not read",)),
    Threat(PATHS, paths.a_log_that_is_a_link_writes_another_file, ("links among logs are not written",)),
    Threat(SESSIONS, wire.a_session_of_the_attackers_choice, ("ids of sessions are signed",)),
    Threat(SESSIONS, wire.a_planted_session_is_code, ("sessions are JSON",)),
    Threat(SESSIONS, login.a_session_that_somebody_else_knows_is_logged_in, ("a login is another session",)),
    Threat(SESSIONS, login.a_copied_cookie_outlives_the_logout, ("a logout ends the login",), False),
    Threat(SESSIONS, login.a_token_makes_one_that_lasts_longer, ("a token changes no account",)),
    Threat(GUESSING, login.passwords_are_guessed, ("guesses wait",), False),
    Threat(BODIES, login.the_login_leads_elsewhere, ("pages to go on to are our own",)),
    Threat(BODIES, wire.an_answer_without_its_headers, ("headers on every answer",)),
    Threat(BODIES, wire.a_body_is_larger_than_anybody_needs, ("a body has 1 MB at most",)),
    Threat(BODIES, wire.a_form_has_thousands_of_parts, ("a form has 200 parts at most",)),
    Threat(BODIES, wire.a_form_has_thousands_of_fields, ("a form has 20,000 fields at most",)),
    Threat(BODIES, wire.a_frame_is_larger_than_anybody_needs, ("a frame has 16 KB at most",)),
    Threat(BODIES, wire.a_body_is_nested_without_end, ("nesting is noticed",)),
    Threat(BODIES, wire.an_answer_sends_the_browser_elsewhere, ("places to go back to are our own",)),
)
DOCUMENT = ROOT / "docs" / "threats.md"
_BEGIN, _END = "<!-- from the tests: begin -->\n", "<!-- end -->\n"


def table() -> str:
    lines = ["| threat | attack | what stops it, each alone |", "| --- | --- | --- |"]
    lines += [f"| {threat.row} | {threat.name} | {'; '.join(threat.layers)} |" for threat in THREATS]
    return "\n".join(lines) + "\n"


def documented() -> str:
    return DOCUMENT.read_text().partition(_BEGIN)[2].partition(_END)[0]


if __name__ == "__main__":
    head, _, rest = DOCUMENT.read_text().partition(_BEGIN)
    DOCUMENT.write_text(head + _BEGIN + table() + _END + rest.partition(_END)[2])
