//! Attacks, each with what the honest side must still be able to do: real ledgers on disk, real libp2p on loopback.
//!
//! Where each attack of the threat list is tested:
//!
//! | attack | test |
//! |---|---|
//! | delete others' visits, forged actor id | `forged::nothing_that_can_be_said_deletes_or_renames_anothers_visits`; `ledger.rs`: `what_does_not_belong_is_refused_and_the_honest_go_on`; `envelope.rs`: `one_signature_covers_the_run_and_every_altered_part_is_noticed` |
//! | replayed and reordered envelopes | `replay::replayed_and_reordered_runs_change_nothing` |
//! | gaps, double histories, repeated numbers | `ledger.rs`: `gaps_and_double_histories_are_named_and_stall_nobody_else`, `a_repeated_visit_number_is_refused_and_leaves_the_document_whole` |
//! | future dates | unit tests of `envelope.rs`; `flood::what_is_dated_ahead_waits_and_nobody_else_does` |
//! | 200 MiB decompression bomb | `bombs::a_bomb_of_200_mib_costs_no_more_than_a_frame`; unit tests of `peers/wire.rs` |
//! | many documents at once | `bombs::records_scattered_over_segments_open_no_crowd_of_documents` |
//! | orphan flood | `flood::two_thousand_orphans_leave_nothing_behind` |
//! | an author's flood | `flood::an_author_over_its_quota_is_refused_and_the_doors_go_on` |
//! | 2,000 connections, slow handshake, silence, garbage | `crowd::two_thousand_connections_do_not_keep_a_sibling_out`; `peers/hostile.rs`: `a_crowd_of_strangers_does_not_keep_a_sibling_out` |
//! | frames that are none, or too long | `peers/hostile.rs`: `what_is_no_message_costs_the_sender_its_session_and_nobody_else` |
//! | forged receipts | `forged::receipts_that_no_authority_signed_acknowledge_nothing` |
//! | forged orders | `forged::orders_of_who_may_not_give_them_change_nothing`, `forged::a_removed_door_cannot_make_a_tag_key` |
//! | records of a later program | `replay::what_a_later_program_wrote_is_passed_on_byte_for_byte` |
//! | mutated bytes of every kind | `mutated.rs`; `tests/fuzz` |

#![allow(clippy::unwrap_used, reason = "a test that cannot go on may panic")]
#![allow(clippy::print_stdout, reason = "what was measured is shown with --nocapture")]

mod bombs;
mod crowd;
mod flood;
mod forged;
mod liar;
mod memory;
mod replay;
mod world;
