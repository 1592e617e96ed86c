#!/bin/bash
# SPDX-License-Identifier: BSD-3-Clause
#
# tests/cli/worker-forged.sh - a plugin that speaks to kpipe in its worker's name: whatever is no
# message, or no true one, ends the worker, and is a finding. --table: see
# tests/plugins/hostile/common.sh.
. "$(dirname "$0")/common.sh"
. "$here/../plugins/hostile/common.sh"

forge="stage 'forge' (plugin org.example.forge 6.66, forge.so"
for how in done_grant done_behind_grant done_image done_no_image done_fill done_kind done_own \
    done_output done_twice_output done_counts done_pieces done_longer done_seven done_failed \
    done_early done_often type type_of_kpipe described short empty long_packet size half random \
    descriptor shutdown say say_much ask grants chatter set_output run_stage decode tree tool \
    grant_huge parallel source unterminated fail_field fail_escape field_flags; do
    says "forges: $how" "forge: $how" "$forge"
done
finish
