/* SPDX-License-Identifier: Apache-2.0 */
#include "persistence.h"
#define NOT_YET fault_set(fault, STATUS_FAILED, "NO_TABLE", NULL, "there is no tracking table")
int start_tracking(const struct instance *i, const struct start_options *o, struct fault *fault) { (void)i; (void)o; return NOT_YET; }
int clear_dirtyflag(const struct instance *i, struct fault *fault) { (void)i; return NOT_YET; }
int volume_identity(char identity[IDENTITY_BYTES], const struct device *d, struct fault *fault) { (void)d; (void)fault; identity[0] = 0; return 0; }
int table_enroll(struct tracker *t, const struct instance *i, int s, struct fault *fault) { (void)t; (void)i; (void)s; return NOT_YET; }
int table_withdraw(struct tracker *t, const struct instance *i, int s, struct fault *fault) { (void)t; (void)i; (void)s; return NOT_YET; }
int table_refresh(struct tracker *t, const struct instance *i, uint64_t *p, struct fault *fault) { (void)t; (void)i; (void)p; (void)fault; return 0; }
void table_state(const struct instance *i, struct table_report *r) { (void)i; r->state = "none"; }
