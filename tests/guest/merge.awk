# SPDX-License-Identifier: LGPL-2.1-or-later
# Copyright the libhvsock authors
#
# Joins the TAP of several programs into one. The output of each stands between
# the lines "#program NAME" and "#exit STATUS". Besides renumbering: a program that
# fails without a failed result, or that reports other than what it planned, is a
# failed result of its own.

function result(verdict, text) { print verdict " " ++results " " program text; fflush() }
/^#program / { program = $2; planned = -1; seen = failed = 0; next }
/^#exit / {
    if ($2 != 0 && !failed) result("not ok", ": exit status " $2)
    else if (planned != seen && !failed) result("not ok", ": " seen " results, planned " planned)
    program = ""
    next
}
/^1\.\.0/ { planned = 0; sub(/^1\.\.0[ #]*[Ss][Kk][Ii][Pp][^ ]* */, ""); result("ok", " # SKIP " $0); next }
/^1\.\.[0-9]+/ { planned = substr($1, 4) + 0; next }
/^ok/ { seen++; sub(/^ok *[0-9]* *-? */, ""); result("ok", ": " $0); next }
/^not ok/ { seen++; failed++; sub(/^not ok *[0-9]* *-? */, ""); result("not ok", ": " $0); next }
/^Bail out!/ { failed++; sub(/^Bail out! */, ""); result("not ok", ": " $0); next }
/^TAP version/ || /^$/ { next }
{ print /^#/ ? $0 : "# " $0; fflush() }
END { if (program != "") result("not ok", ": all ended before it"); print "1.." results + 0 }
