/* SPDX-License-Identifier: BSD-3-Clause
 *
 * wire/plugin.c - see plugin.h: the structs of the SDK, field by field.
 */
#include "wire/passage.h"

static void choice_fields(struct kp_passage *passage, void *own)
{
    struct kp_choice *choice = own;

    kp_pass_u32(passage, &choice->value);
    kp_pass_u32(passage, &choice->reserved);
    kp_pass_text(passage, &choice->name);
    kp_pass_text(passage, &choice->summary);
    kp_pass_text(passage, &choice->tool);
    kp_pass_text(passage, &choice->passes_as);
}
static const struct kp_shape choice_shape = {sizeof(struct kp_choice), choice_fields};

static const struct kp_shape param_shape;

static void param_numbers(struct kp_passage *passage, struct kp_param *row)
{
    kp_pass_u32(passage, &row->type);
    kp_pass_u32(passage, &row->field_size);
    kp_pass_u64(passage, &row->offset);
    kp_pass_u64(passage, &row->item_size);
    kp_pass_u32(passage, &row->list);
    kp_pass_u32(passage, &row->flags);
    kp_pass_u64(passage, &row->presence);
    kp_pass_u64(passage, &row->minimum);
    kp_pass_u64(passage, &row->maximum);
    kp_pass_i64(passage, &row->low);
    kp_pass_i64(passage, &row->high);
    kp_pass_u64(passage, &row->min_items);
    kp_pass_u64(passage, &row->max_items);
}

static void param_fields(struct kp_passage *passage, void *own)
{
    struct kp_param *row = own;

    param_numbers(passage, row);
    kp_pass_text(passage, &row->name);
    kp_pass_text(passage, &row->summary);
    kp_pass_text(passage, &row->help);
    kp_pass_text(passage, &row->unit);
    kp_pass_text(passage, &row->fallback);
    kp_pass_text(passage, &row->trait);
    kp_pass_text(passage, &row->computed);
    kp_pass_text(passage, &row->since);
    kp_pass_text(passage, &row->deprecated);
    kp_pass_text(passage, &row->needed_if);
    kp_pass_text(passage, &row->passes);
    kp_pass_table(passage, &row->choices, &choice_shape);
    kp_pass_names(passage, &row->kinds);
    passage->depth++;
    kp_pass_params(passage, &row->fields, &param_shape);
    passage->depth--;
}
static const struct kp_shape param_shape = {sizeof(struct kp_param), param_fields};

static void operation_fields(struct kp_passage *passage, void *own)
{
    struct kp_operation *operation = own;

    kp_pass_u32(passage, &operation->flags);
    kp_pass_u32(passage, &operation->threading);
    kp_pass_text(passage, &operation->summary);
    kp_pass_text(passage, &operation->help);
    kp_pass_names(passage, &operation->input_kinds);
    kp_pass_text(passage, &operation->output_kind);
    kp_pass_params(passage, &operation->params, &param_shape);
    kp_pass_u64(passage, &operation->params_size);
    kp_pass_names(passage, &operation->sets);
    kp_pass_names(passage, &operation->sets_if_physical);
    kp_pass_names(passage, &operation->parts);
    kp_pass_u64(passage, &operation->memory_base);
    kp_pass_u64(passage, &operation->memory_per_byte);
    kp_pass_function(passage, &operation->run);
    kp_pass_names(passage, &operation->tools);
}
static const struct kp_shape operation_shape = {sizeof(struct kp_operation), operation_fields};

static void codec_fields(struct kp_passage *passage, void *own)
{
    struct kp_codec *codec = own;

    kp_pass_text(passage, &codec->name);
    kp_pass_text(passage, &codec->summary);
    kp_pass_text(passage, &codec->suffix);
    kp_pass_struct(passage, &codec->compress, &operation_shape);
    kp_pass_struct(passage, &codec->decompress, &operation_shape);
    kp_pass_function(passage, &codec->inspect);
    kp_pass_opaque(passage, &codec->target_decoders);
}
static const struct kp_shape codec_shape = {sizeof(struct kp_codec), codec_fields};

static void format_fields(struct kp_passage *passage, void *own)
{
    struct kp_format *format = own;

    kp_pass_text(passage, &format->name);
    kp_pass_text(passage, &format->summary);
    kp_pass_names(passage, &format->kinds);
    kp_pass_struct(passage, &format->pack, &operation_shape);
    kp_pass_struct(passage, &format->unpack, &operation_shape);
    kp_pass_function(passage, &format->inspect);
}
static const struct kp_shape format_shape = {sizeof(struct kp_format), format_fields};

static void arch_fields(struct kp_passage *passage, void *own)
{
    struct kp_arch *arch = own;

    kp_pass_u32(passage, &arch->flags);
    kp_pass_u32(passage, &arch->elf_machine);
    kp_pass_text(passage, &arch->name);
    kp_pass_names(passage, &arch->aliases);
    kp_pass_text(passage, &arch->summary);
    kp_pass_text(passage, &arch->kbuild);
    kp_pass_names(passage, &arch->debian);
    kp_pass_text(passage, &arch->uboot);
    kp_pass_u32(passage, &arch->uboot_number);
    kp_pass_u32(passage, &arch->efi_machine);
    kp_pass_text(passage, &arch->bcj);
    kp_pass_pages(passage, &arch->page_sizes);
    kp_pass_opaque(passage, &arch->boot_stub);
}
static const struct kp_shape arch_shape = {sizeof(struct kp_arch), arch_fields};

static void source_fields(struct kp_passage *passage, void *own)
{
    struct kp_source *source = own;

    kp_pass_text(passage, &source->name);
    kp_pass_text(passage, &source->summary);
    kp_pass_text(passage, &source->help);
    kp_pass_params(passage, &source->params, &param_shape);
    kp_pass_u64(passage, &source->params_size);
    kp_pass_u64(passage, &source->memory_base);
    kp_pass_u64(passage, &source->memory_per_byte);
    kp_pass_function(passage, &source->run);
}
static const struct kp_shape source_shape = {sizeof(struct kp_source), source_fields};

static void plugin_fields(struct kp_passage *passage, void *own)
{
    struct kp_plugin *plugin = own;

    kp_pass_u32(passage, &plugin->api_level);
    kp_pass_u32(passage, &plugin->reserved);
    kp_pass_text(passage, &plugin->id);
    kp_pass_text(passage, &plugin->name);
    kp_pass_text(passage, &plugin->version);
    kp_pass_text(passage, &plugin->license);
    kp_pass_text(passage, &plugin->vendor);
    kp_pass_text(passage, &plugin->url);
    kp_pass_text(passage, &plugin->summary);
    kp_pass_table(passage, &plugin->codecs, &codec_shape);
    kp_pass_table(passage, &plugin->formats, &format_shape);
    kp_pass_table(passage, &plugin->archs, &arch_shape);
    kp_pass_table(passage, &plugin->sources, &source_shape);
}
static const struct kp_shape plugin_shape = {sizeof(struct kp_plugin), plugin_fields};

/* A reader is bad for what it read, not for want of memory. */
static const void *taken(const struct kp_passage *passage, const void *made)
{
    if (!passage->from->bad)
        return made;
    passage->from->bad = !passage->lost;
    return NULL;
}

bool kp_wire_put_plugin(struct kp_wire_writer *to, const struct kp_plugin *plugin)
{
    struct kp_passage passage = {.to = to};

    kp_put_struct(&passage, plugin, &plugin_shape);
    return !to->failed;
}

const struct kp_plugin *kp_wire_take_plugin(struct kp_wire_reader *from, struct kp_arena *arena)
{
    struct kp_passage passage = {.from = from, .arena = arena};
    const struct kp_plugin *plugin = kp_take_struct(&passage, &plugin_shape);

    return taken(&passage, plugin);
}

void kp_wire_put_arch(struct kp_wire_writer *to, const struct kp_arch *arch)
{
    kp_put_struct(&(struct kp_passage){.to = to}, arch, &arch_shape);
}

const struct kp_arch *kp_wire_take_arch(struct kp_wire_reader *from, struct kp_arena *arena)
{
    struct kp_passage passage = {.from = from, .arena = arena};
    const struct kp_arch *arch = kp_take_struct(&passage, &arch_shape);

    return taken(&passage, arch);
}
