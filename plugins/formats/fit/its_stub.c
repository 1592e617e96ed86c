#include "its.h"
int32_t fit_read_its(struct kp_call *call, const struct kp_tree *tree, const struct kp_text *name,
                     struct fit_node **root)
{
    (void)tree;
    (void)name;
    (void)root;
    return kp_fail(call, "its: stub");
}
