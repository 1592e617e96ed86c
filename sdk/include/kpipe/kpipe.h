/* SPDX-License-Identifier: MIT
 *
 * kpipe/kpipe.h - the whole SDK: include this one in a plugin.
 *
 * Read in this order: plugin.h (what a plugin is), param.h (its parameters),
 * host.h (what the host does for it), traits.h (what is known of images), bytes.h
 * (reading foreign bytes), note.h (what is known before it is opened); and where they are
 * needed codec.h (taking compressed data apart), tree.h, tool.h, key.h, arch.h.
 */
#ifndef KPIPE_KPIPE_H
#define KPIPE_KPIPE_H

#include "arch.h"
#include "base.h"
#include "bytes.h"
#include "call.h"
#include "codec.h"
#include "host.h"
#include "key.h"
#include "note.h"
#include "param.h"
#include "plugin.h"
#include "tool.h"
#include "traits.h"
#include "tree.h"

#endif
