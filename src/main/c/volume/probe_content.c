/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/probe.h"

enum probe_result probe_content(const struct probe *probe, struct fault *fault)
{
    static enum probe_result (*const kinds[])(const struct probe *, struct fault *) = {
        probe_luks, probe_lvm, probe_md, probe_btrfs, probe_xfs, probe_ext, probe_other,
    };
    for (size_t kind = 0; kind < sizeof kinds / sizeof *kinds; kind++) {
        enum probe_result result = kinds[kind](probe, fault);
        if (result != NOT_MINE)
            return result;
    }
    return NOT_MINE;
}
