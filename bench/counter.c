/*
 * A QEMU plugin that counts instructions between marks. A mark is an instruction, or a pair of them, that makes the number MARK: x86's MOV of
 * it to memory, and LoongArch's LU12I.W and ORI, which is what a translator of the former makes too.
 *
 * Arguments: out=FILE, where each mark gets a line: instructions so far, and different instructions (by address) met so far; met=1, or
 * the latter stay 0. A repeated string instruction counts as often as QEMU runs it.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is used of QEMU's plugin interface, version 4 (QEMU 9.2 and up). */
struct qemu_plugin_tb;
struct qemu_plugin_insn;
typedef struct {
	void *score;
	size_t offset;
} qemu_plugin_u64;
enum { QEMU_PLUGIN_INLINE_ADD_U64 };
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *, size_t);
size_t qemu_plugin_insn_data(const struct qemu_plugin_insn *, void *, size_t);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *);
void *qemu_plugin_scoreboard_new(size_t);
uint64_t qemu_plugin_u64_sum(qemu_plugin_u64);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*)(uint64_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *, void (*)(unsigned, void *), int flags, void *);
void qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(struct qemu_plugin_insn *, int op, qemu_plugin_u64, uint64_t);
void qemu_plugin_register_atexit_cb(uint64_t id, void (*)(uint64_t, void *), void *);
#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 4;

#define MARK 0x5be1a517u
#define LU12I_W (0x14000000u | MARK >> 12 << 5)       /* rd */
#define ORI (0x03800000u | (MARK & 0xfff) << 10)      /* rj, rd */
#define BUCKETS (1u << 16)

struct met {
	struct met *next;
	uint64_t address;
	bool yet;
};

static qemu_plugin_u64 count;
static struct met *buckets[BUCKETS];
static uint64_t met;
static bool want_met;
static FILE *out;

static void marked(unsigned cpu, void *data)
{
	(void)cpu, (void)data;
	fprintf(out, "%" PRIu64 " %" PRIu64 "\n", qemu_plugin_u64_sum(count), met);
}

static void executed(unsigned cpu, void *data)
{
	struct met *m = data;

	(void)cpu;
	if (!m->yet) {
		m->yet = true;
		met++;
	}
}

static struct met *met_at(uint64_t address)
{
	struct met **bucket = &buckets[(address ^ address >> 16) % BUCKETS], *m;

	for (m = *bucket; m; m = m->next)
		if (m->address == address)
			return m;
	m = calloc(1, sizeof *m);
	m->address = address;
	m->next = *bucket;
	return *bucket = m;
}

/* `before` is the word of the instruction before, and becomes that of this one. */
static bool is_mark(const struct qemu_plugin_insn *insn, uint32_t *before)
{
	uint8_t bytes[16] = { 0 };
	size_t length = qemu_plugin_insn_data(insn, bytes, sizeof bytes);
	uint32_t word, mark = MARK, reg;
	bool yes = length > 4 && !memcmp(bytes + length - 4, &mark, 4);

	memcpy(&word, bytes, sizeof word);
	reg = word >> 5 & 31;
	yes |= length == 4 && (word & ~0x3ffu) == ORI && *before == (LU12I_W | reg);
	*before = length == 4 ? word : 0;
	return yes;
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	uint32_t before = 0;

	(void)id;
	for (size_t k = 0; k < qemu_plugin_tb_n_insns(tb); k++) {
		struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, k);

		qemu_plugin_register_vcpu_insn_exec_inline_per_vcpu(insn, QEMU_PLUGIN_INLINE_ADD_U64, count, 1);
		if (want_met)
			qemu_plugin_register_vcpu_insn_exec_cb(insn, executed, 0, met_at(qemu_plugin_insn_vaddr(insn)));
		if (is_mark(insn, &before))
			qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, 0, NULL);
	}
}

static void finish(uint64_t id, void *data)
{
	(void)id, (void)data;
	fclose(out);
}

EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	(void)info;
	for (int k = 0; k < argc; k++) {
		if (!strncmp(argv[k], "out=", 4))
			out = fopen(argv[k] + 4, "w");
		else if (!strncmp(argv[k], "met=", 4))
			want_met = argv[k][4] == '1';
	}
	if (!out) {
		fprintf(stderr, "counter: out=FILE is needed\n");
		return -1;
	}
	count.score = qemu_plugin_scoreboard_new(sizeof(uint64_t));
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, finish, NULL);
	return 0;
}
