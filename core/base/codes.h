/* SPDX-License-Identifier: BSD-3-Clause
 *
 * base/codes.h - the catalogue of findings: a stable number and a message each.
 *
 * KP1203 expands to two arguments, number and printf format, so that a message
 * is written once, checked by the compiler where it is reported, and listed by
 * `kpipe explain`. codes.c holds the explanations. Numbers are never reused.
 *
 *     10xx  reading YAML            15xx  running stages
 *     11xx  the recipe's structure  16xx  plugins
 *     12xx  chains, kinds, traits   17xx  the command line
 *     13xx  parameters              18xx  the machine: memory, disk, signals
 *     14xx  inputs and outputs
 */
#ifndef KP_BASE_CODES_H
#define KP_BASE_CODES_H

#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>

/* --- 10xx: reading YAML --- */
#define KP1001 1001, "cannot read the recipe: %s: %s"
#define KP1002 1002, "too large for a recipe: more than %u MiB"
#define KP1003 1003, "not YAML: %s%s"
#define KP1004 1004, "not YAML: %s: 0x%02x"
#define KP1005 1005, "nested too deep: more than %d levels"
#define KP1006 1006, "too large for a recipe: more than %d values, with those that aliases repeat"
#define KP1007 1007, "key '%s' is there already, on line %u"
#define KP1008 1008, "tags are not allowed: %.*s"
#define KP1009 1009, "merge keys are not allowed: <<"
#define KP1010 1010, "only one document is allowed in a recipe"
#define KP1011 1011, "alias '%s': nothing before it has that anchor"
#define KP1012 1012, "alias '%s': it stands inside what it names"
#define KP1013 1013, "a key must be text, not %s"
#define KP1014 1014, "NUL characters are not allowed in text"
#define KP1015 1015, "the recipe is empty"
#define KP1016 1016, "a recipe is a map, not %s"
#define KP1017 1017, "too many anchors: more than %d"

/* --- 11xx: the recipe's structure --- */
#define KP1101 1101, "'kpipe' is missing: the version of the recipe language"
#define KP1102 1102, "'kpipe' must be a number: the version of the recipe language"
#define KP1103 1103, "version %s of the recipe language is unknown: this kpipe knows version %d"
#define KP1104 1104, "unknown key '%s'"
#define KP1105 1105, "%s: must be %s, not %s"
#define KP1106 1106, "%s: '%s' is not a name"
#define KP1107 1107, "'%s': an %s has that name already, on line %u"
#define KP1108 1108, "'%s': no input or image has that name"
#define KP1109 1109, "an image is made from itself: %s"
#define KP1110 1110, "more than %d images, each made from the next"
#define KP1111 1111, "image '%s': its chain is empty"
#define KP1112 1112, "%s: must be a map of one key, %s"
#define KP1113 1113, "input '%s': '%s': no type of input has that name"
#define KP1114 1114, "%s: no path"
#define KP1116 1116, "no outputs: nothing to make"
#define KP1120 1120, "$(%s): no variable has that name"
#define KP1121 1121, "variable '%s' must be set"
#define KP1122 1122, "a variable contains itself: %s"
#define KP1123 1123, "$( without )"
#define KP1124 1124, "$(%s): not the name of a variable"
#define KP1125 1125, "$(env:%s): not set in the environment"
#define KP1126 1126, "key '%s': variables are replaced in values, never in keys"
#define KP1127 1127, "--set %s: no variable has that name"
#define KP1128 1128, "$(%s): a list cannot stand inside text"
#define KP1129 1129, "$(%s): '%s' has no key '%s'"
#define KP1131 1131, "$(%s): '%s' is not a map"
#define KP1132 1132, "variables that name variables: more than %d levels"
#define KP1133 1133, "$(%s) has no value"
#define KP1134 1134, "too long with its variables replaced: more than %zu MiB"
#define KP1135 1135, "the recipe is too large with its variables replaced: more than %zu MiB"
#define KP1136 1136, "$(%s): input '%s' has no fact '%s'"
#define KP1137 1137, "$(%s): input '%s' is no source, and has no facts"
#define KP1140 1140, "'extends' cannot name variables"
#define KP1141 1141, "a recipe extends itself: %s"
#define KP1142 1142, "'extends': more than %d levels or %d files"
#define KP1143 1143, "'%s': this kpipe has no installed recipes"
#define KP1150 1150, "matrix: '%s': no values"
#define KP1151 1151, "matrix: a value of '%s' is a map without 'name'"
#define KP1152 1152, "matrix: '%s': the value '%s' is there already"
#define KP1153 1153, "matrix: '%s': a variable has that name already, on line %u"
#define KP1154 1154, "--set %s=%s: not among the values of the matrix: %s"
#define KP1155 1155, "%s: cannot depend on '%s', a variable of the matrix"
#define KP1156 1156, "more than %d inputs, images and outputs, with those that the matrix makes"
#define KP1157 1157, "the matrix has more than %d variables"
#define KP1158 1158, "isolation: '%s': not auto, process or none"
#define KP1159 1159, "isolation: none: a recipe alone cannot have it"
#define KP1160 1160, "isolation: process: the plugins of this kpipe are compiled in"
#define KP1161 1161, "'%.*s': no key has that name"
#define KP1162 1162, "%s: %s"

/* --- 12xx: chains, kinds, traits --- */
#define KP1201 1201, "stage '%s': unknown stage type"
#define KP1202 1202, "stage '%s': takes no main input, so it must begin a chain"
#define KP1203 1203, "stage '%s': needs a main input, so it cannot begin a chain"
#define KP1204 1204, "stage '%s': its main input is of kind '%s', and it takes %s"
#define KP1205 1205, "stage '%s': %s: '%s' is of kind '%s', and it takes %s"
#define KP1206 1206, "image '%s': made from itself: %s"
#define KP1207 1207, "stage '%s': %s: '%s': no input or image has that name"
#define KP1208 1208, "'%s': stage '%s' makes no part '%s'"
#define KP1209 1209, "'%s': no input or image has that name"
#define KP1210 1210, "arch: '%s': unknown architecture"
#define KP1212 1212, "input '%s': %s: '%s': %s"
#define KP1213 1213, "input '%s': %s: no fact has that name"
#define KP1214 1214, "'%s': more than %d images are nested in one another"
#define KP1215 1215, "'%s': %s has no parts"
#define KP1216 1216, "'%s': an input or image stands only at the beginning of a chain"
#define KP1230 1230, "'%s': a tree is no image"
#define KP1231 1231, "stage '%s': %s: '%s' is a tree, and it takes an image"
#define KP1232 1232, "stage '%s': %s: '%s' is no tree, and it takes one"
#define KP1233 1233, "'%s': a source is no image"
#define KP1234 1234, "'%s': input '%s' has no image '%s'"
#define KP1235 1235, "'%s': a list of images, where one is expected"
#define KP1236 1236, "'%s': its architecture is '%s', and the recipe says '%s'"
#define KP1237 1237, "'%s': an item of a source has no parts"
#define KP1238 1238, "stage '%s': %s: '%.*s': no key has that name"

/* --- 13xx: parameters --- */
#define KP1301 1301, "%s '%s': %s: unknown parameter"
#define KP1302 1302, "%s '%s': %s: missing"
#define KP1303 1303, "%s '%s': %s: '%s': %s"
#define KP1304 1304, "%s '%s': %s: %s: out of range %s"
#define KP1305 1305, "%s '%s': %s: '%s': not among its choices"
#define KP1306 1306, "%s '%s': %s: %s where %s is expected"
#define KP1307 1307, "%s '%s': %s: text of %zu bytes: its length must be in %s"
#define KP1308 1308, "%s '%s': %s: %zu items: their number must be %s"
#define KP1309 1309, "%s '%s': %s where its parameters are expected"
#define KP1310 1310, "stage '%s': %s: '%s': no trait has that name"
#define KP1311 1311, "stage '%s': %s: '%s': unfinished %%(trait)"
#define KP1312 1312, "stage '%s': %s: the main input has no trait '%s'"
#define KP1313                                                                                     \
    1313, "stage '%s': %s: 0x%" PRIx64 " from the main input's trait '%s': out of range %s"
#define KP1314 1314, "stage '%s': %s: the main input cannot have the trait '%s'"
#define KP1315 1315, "%s '%s': %s: deprecated"
#define KP1316 1316, "stage '%s': %s: the main input's trait '%s' is of another type"
#define KP1317 1317, "stage '%s': %s: '_' stands for the main input, and the stage has none"

/* --- 14xx: inputs and outputs --- */
#define KP1401 1401, "input '%s': %s: %s"
#define KP1402 1402, "%s: changed while it was read"
#define KP1403 1403, "%s: %s"
#define KP1410 1410, "output '%s': file '%s': %s"
#define KP1411 1411, "outputs '%s' and '%s' have the same file: '%s'"
#define KP1412 1412, "output '%s': file '%s': '%s' is a file already, of output '%s'"
#define KP1420 1420, "key '%s': %s: %s"
#define KP1421 1421, "key '%s': %s: no key that can be used: %s"
#define KP1422 1422, "key '%s': %s: encrypted, and no passphrase is given"
#define KP1423 1423, "key '%s': %s: wrong passphrase"
#define KP1424 1424, "key '%s': %s: everybody may read it"
#define KP1425 1425, "key '%s': its PIN or passphrase: %s: %s"
#define KP1426 1426, "key '%s': this kpipe knows no PKCS#11: %s"
#define KP1427 1427, "key '%s': its URI cannot be used: %s"
#define KP1428 1428, "key '%s': PKCS#11 module %s: %s"
#define KP1429 1429, "key '%s': PKCS#11 module %s: only the recipe names it: %s"
#define KP1430 1430, "key '%s': token '%s': %s"
#define KP1431 1431, "key '%s': %.*s: %s"

/* --- 15xx: running stages --- */
#define KP1501 1501, "stage '%s': %s"
#define KP1502 1502, "stage '%s': plugin %s %s (%s): fault of the plugin: %s"
#define KP1503 1503, "stage '%s': %s: %s says '%s', and before it was '%s'"
#define KP1504 1504, "stage '%s': its output would exceed %" PRIu64 " bytes"
#define KP1505 1505, "stage '%s': made no part '%s': the image has none"
#define KP1506 1506, "%s: %s"
#define KP1507 1507, "%s: plugin %s %s (%s): fault of the plugin: %s"
#define KP1508 1508, "stage '%s': compressed data: no codec known begins like it"
#define KP1509 1509, "stage '%s': tool '%s' (%s): cannot be run: %s: %s"
#define KP1510 1510, "stage '%s': tool '%s': its plugin does not ask for it"
#define KP1511                                                                                     \
    1511, "stage '%s': tool '%s': plugin %s is not bundled, and nobody grants it the tool"
#define KP1512 1512, "stage '%s': tool '%s': stages that run any program are off"
#define KP1513 1513, "stage '%s': tool '%s': %s"
#define KP1514 1514, "stage '%s': tool '%s': %s: %s"
#define KP1515 1515, "stage '%s': tool '%s' (%s): exit status %d%s%s"
#define KP1516 1516, "stage '%s': tool '%s' (%s): ended by signal %d (%s)%s%s"
#define KP1517 1517, "stage '%s': tool '%s' (%s): not done after %u s%s%s"
#define KP1518 1518, "stage '%s': tool '%s' (%s): wrote more than %" PRIu64 " bytes"
#define KP1519 1519, "stage '%s': tool '%s' (%s): %s%s%s"
#define KP1520 1520, "%s: tree '%s': '%s': %s"
#define KP1521 1521, "input '%s': %s"
#define KP1522 1522, "input '%s': plugin %s %s (%s): fault of the plugin: %s"
#define KP1523 1523, "input '%s': compressed data: no codec known begins like it"
#define KP1524 1524, "%s (plugin %s %s, %s%s): killed by SIG%s%s"
#define KP1525 1525, "%s (plugin %s %s, %s%s): ended by exit status %d: %s"
#define KP1526 1526, "%s (plugin %s %s, %s): did not return within %u s: it was killed"
#define KP1527 1527, "%s (plugin %s %s, %s): ran out of memory: its worker may use %" PRIu64 " MiB"
#define KP1528 1528, "%s (plugin %s %s, %s): %s"
#define KP1529 1529, "%s (plugin %s %s, %s): kpipe cannot go on with its worker: %s"
#define KP1536 1536, "recording '%s': %s: %s"
#define KP1537                                                                                     \
    1537, "recording '%s': made by kpipe %s, whose workers speak otherwise than this one's"
#define KP1538 1538, "recording '%s': plugin %s: %s"
#define KP1539 1539, "recording '%s': plugin %s %s: it has no %s '%s'"
#define KP1540                                                                                     \
    1540, "recording '%s': plugin %s %s: %s '%s' has other parameters than when it was recorded"
#define KP1541 1541, "%s (plugin %s %s): asks for what the recording does not answer: %s"
#define KP1542 1542, "recording '%s': cannot be written: %s: %s"
#define KP1543 1543, "stage '%s': %s: key '%s': %s"

/* --- 16xx: plugins --- */
#define KP1601 1601, "stage '%s': its plugin %s cannot be used: %s"
#define KP1610 1610, "input '%s': type '%s': its plugin %s cannot be used: %s"

#define KP1616 1616, "stage '%s': tool '%s': %s: only the recipe says that this is the program"
#define KP1617 1617, "policy %s: %s"
#define KP1618 1618, "policy: unknown key '%s'"
#define KP1619 1619, "policy: %s: must be %s"
#define KP1620 1620, "policy: %s: '%s': %s"
#define KP1621 1621, "policy: 'kpipe-policy' is missing: the version of the language of policies"

/* --- 17xx: the command line --- */
#define KP1700 1700, "'%s': unknown command"
#define KP1701 1701, "%s: %s: unknown option"
#define KP1702 1702, "%s: %s: its value is missing"
#define KP1703 1703, "%s: %s: takes no value"
#define KP1704 1704, "%s: %s: '%s': %s"
#define KP1705 1705, "%s: no %s given"
#define KP1706 1706, "%s: '%s': more than it takes"
#define KP1707 1707, "--plugin-path: '%s': %s"
#define KP1708 1708, "SOURCE_DATE_EPOCH: '%s': %s"
#define KP1709 1709, "no command given"
#define KP1710 1710, "'%s': no plugin and no stage type has that name"
#define KP1711 1711, "'%s': no finding has that number"
#define KP1712 1712, "standard output: a terminal: an image is not text"
#define KP1713 1713, "standard output: already taken by an image: %s cannot be written to it"
#define KP1714 1714, "'%s': an output of %s, and of %s too"
#define KP1715 1715, "inspect: %s: %s"
#define KP1716 1716, "plugin: %s: %s"
#define KP1720 1720, "'%s': a stage was expected"
#define KP1721 1721, "stage '%s': nothing stands behind ':'"
#define KP1722 1722, "stage '%s': '%.*s': '=' is missing"
#define KP1723 1723, "stage '%s': %s: given twice"
#define KP1724 1724, "stage '%s': %s: its end is missing"
#define KP1725 1725, "stage '%s': '%s': a comma was expected before it"
#define KP1726 1726, "an empty word where a file was expected"

#define KP1727 1727, "KPIPE_ISOLATION: '%s': not auto, process or none"
#define KP1728 1728, "%s: process: the plugins of this kpipe are compiled in"
#define KP1729 1729, "%s: %s: the policy %s:%u demands %s"
#define KP1730 1730, "--worker-limit: %s: the policy %s:%u allows no more than %s"
#define KP1731 1731, "'%s': no plugin has that id, name or path"
#define KP1736 1736, "--record: '%s': %s"
#define KP1737 1737, "%s: none: a call is recorded where a worker makes it"
#define KP1738 1738, "--record-stage: '%s': nothing is recorded without --record DIR"
#define KP1739 1739, "--record: '%s': nothing was recorded: %s"
#define KP1740 1740, "plugin %s: %s"
#define KP1741 1741, "replay: '%s': there is no image to be written: %s"
#define KP1750 1750, "%s%s%s: %s: wrong%s%s"
#define KP1751 1751, "extract: %s: %s"
#define KP1752 1752, "extract: %s: %s: there is none"
#define KP1753 1753, "unpack: %s: %s"
#define KP1754 1754, "unpack: %s: %s"
#define KP1755 1755, "verify: %s: %s: no plugin verifies such images"
#define KP1756 1756, "verify: %s: %s"
#define KP1760 1760, "diff: %s: %s"
#define KP1761 1761, "diff: %s%s%s: more details than the %d that are compared"

/* --- 18xx: the machine --- */
#define KP1801 1801, "out of memory"

/* A row of the catalogue. */
struct kp_code {
    uint32_t number;
    const char *message;     /* the printf format */
    const char *explanation; /* paragraphs */
};

/* The row of a number, or NULL. */
const struct kp_code *kp_code_find(uint32_t number);
/* The index-th row, by number; NULL behind the last. */
const struct kp_code *kp_code_at(size_t index);

#endif
