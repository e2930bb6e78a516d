/*
 * A QEMU plugin that tells where the machine's instructions go: translated code, the stubs, the refill handler with its C, and the firmware's other C, by
 * function and by the function that was entered from translated code or from the dispatcher. docs/performance.md says how to run it.
 *
 * Arguments: symbols=FILE (llvm-nm of the ELF image), out=FILE, until=N (what comes after N instructions does not count). Counts whole
 * blocks, so one that an exception ends early counts too much.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What is used of QEMU's plugin interface, version 4 (QEMU 9.2 and up). */
struct qemu_plugin_tb;
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *);
uint64_t qemu_plugin_tb_vaddr(const struct qemu_plugin_tb *);
void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, void (*)(uint64_t, struct qemu_plugin_tb *));
void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *, void (*)(unsigned, void *), int flags, void *);
void qemu_plugin_register_atexit_cb(uint64_t id, void (*)(uint64_t, void *), void *);
#define EXPORT __attribute__((visibility("default")))
EXPORT int qemu_plugin_version = 4;

#define MAX_FUNCTIONS 8192
#define CACHED 0x9000ull /* the upper 16 bits of addresses in the cached window */
#define LINES 40

enum kind { TRANSLATED, STUBS, REFILL, FIRMWARE, KINDS };
static const char *const kind_names[] = { "translated code", "stubs", "refill handler", "firmware" };

struct function {
	uint64_t address;
	char name[64];
	uint64_t self, calls;    /* instructions in it, times it was entered at its start */
	uint64_t below, entries; /* instructions while it was what translated code or the dispatcher had called, times it was */
};

struct block {
	unsigned length;
	enum kind kind;
	struct function *function; /* REFILL, FIRMWARE */
	bool start;
	/* of what lies in the code cache, TRANSLATED at first: */
	uint64_t at, count;
	struct block *next;
};
static struct block *in_cache;

static struct function functions[MAX_FUNCTIONS], *dispatcher, *root;
static unsigned nfunctions;
static uint64_t totals[KINDS], total, until = UINT64_MAX;
static FILE *out;
/* Addresses in the ELF image; the image moves itself, `moved` away, when it starts. */
static uint64_t image_start, image_end, stubs_start, stubs_end, host_start, moved;

static struct function *function_at(uint64_t address)
{
	unsigned lo = 0, hi = nfunctions;

	while (lo + 1 < hi) {
		unsigned mid = (lo + hi) / 2;
		if (functions[mid].address <= address)
			lo = mid;
		else
			hi = mid;
	}
	return &functions[lo];
}

static void executed(unsigned cpu, void *data)
{
	struct block *b = data;

	(void)cpu;
	if (total >= until)
		return;
	totals[b->kind] += b->length;
	total += b->length;
	b->count++;
	if (b->function) {
		b->function->self += b->length;
		b->function->calls += b->start;
	}
	if (b->kind == FIRMWARE) {
		if (b->function == dispatcher) {
			root = dispatcher;
		} else if (!root || root == dispatcher) {
			root = b->function;
			root->entries++;
		}
		root->below += b->length;
	} else if (b->kind != REFILL) {
		root = NULL;
	}
}

/* The first block beyond the image as loaded is the moved image's first function. */
static void classify(struct block *b, uint64_t at)
{
	uint64_t in_image;

	if (!moved && at >= image_end && at >> 48 == CACHED)
		moved = at - host_start;
	in_image = at < image_end ? at : at - moved;
	if (at >> 48 == 0) {
		/* physical addresses: the refill handler, and the C that it calls */
		in_image = (at | CACHED << 48) - moved;
		b->kind = REFILL;
		if (in_image >= image_start && in_image < image_end) {
			b->function = function_at(in_image);
			b->start = b->function->address == in_image;
		}
	} else if (in_image >= image_start && in_image < image_end) {
		b->kind = FIRMWARE;
		b->function = function_at(in_image);
		b->start = b->function->address == in_image;
	} else {
		b->kind = TRANSLATED;
		b->at = at;
		b->next = in_cache;
		in_cache = b;
	}
}

/* The stubs are what lies at the front of the code cache, which begins with a page. */
static void find_stubs(void)
{
	uint64_t cache = UINT64_MAX;

	for (const struct block *b = in_cache; b; b = b->next)
		if (b->at < cache)
			cache = b->at & ~4095ull;
	for (const struct block *b = in_cache; b; b = b->next) {
		uint64_t in_image = b->at - cache + stubs_start, instructions = b->count * b->length;
		struct function *f;

		if (in_image >= stubs_end)
			continue;
		f = function_at(in_image);
		f->self += instructions;
		f->calls += f->address == in_image ? b->count : 0;
		totals[TRANSLATED] -= instructions;
		totals[STUBS] += instructions;
	}
}

static void translated(uint64_t id, struct qemu_plugin_tb *tb)
{
	struct block *b = calloc(1, sizeof *b);

	(void)id;
	b->length = (unsigned)qemu_plugin_tb_n_insns(tb);
	classify(b, qemu_plugin_tb_vaddr(tb));
	qemu_plugin_register_vcpu_tb_exec_cb(tb, executed, 0, b);
}

static int by_self(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	return (x->self < y->self) - (x->self > y->self);
}

static int by_below(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	return (x->below < y->below) - (x->below > y->below);
}

static void report(uint64_t id, void *data)
{
	(void)id, (void)data;
	find_stubs();
	fprintf(out, "%14" PRIu64 " instructions\n", total);
	for (int k = 0; k < KINDS; k++)
		fprintf(out, "%14" PRIu64 " %5.1f%% %s\n", totals[k], 100.0 * totals[k] / total, kind_names[k]);
	fprintf(out, "\nby function entered from translated code or the dispatcher: instructions, entries\n");
	qsort(functions, nfunctions, sizeof functions[0], by_below);
	for (unsigned k = 0; k < LINES; k++)
		fprintf(out, "%14" PRIu64 " %10" PRIu64 " %s\n", functions[k].below, functions[k].entries, functions[k].name);
	fprintf(out, "\nby function itself: instructions, calls\n");
	qsort(functions, nfunctions, sizeof functions[0], by_self);
	for (unsigned k = 0; k < 2 * LINES; k++)
		fprintf(out, "%14" PRIu64 " %10" PRIu64 " %s\n", functions[k].self, functions[k].calls, functions[k].name);
	fclose(out);
}

static int by_address(const void *a, const void *b)
{
	const struct function *x = a, *y = b;

	return (x->address > y->address) - (x->address < y->address);
}

static uint64_t address_of(const char *name)
{
	for (unsigned k = 0; k < nfunctions; k++)
		if (!strcmp(functions[k].name, name))
			return functions[k].address;
	fprintf(stderr, "profile: no symbol %s\n", name);
	exit(1);
}

static bool read_symbols(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[256], type;

	if (!f)
		return false;
	while (nfunctions < MAX_FUNCTIONS && fgets(line, sizeof line, f)) {
		struct function *at = &functions[nfunctions];
		if (sscanf(line, "%" SCNx64 " %c %63s", &at->address, &type, at->name) == 3 && type != 'a' && type != 'A')
			nfunctions++;
	}
	fclose(f);
	image_start = address_of("_head");
	image_end = address_of("__image_end");
	stubs_start = address_of("stubs_start");
	stubs_end = address_of("stubs_end");
	host_start = address_of("host_start");
	qsort(functions, nfunctions, sizeof functions[0], by_address);
	dispatcher = function_at(address_of("cpu_run"));
	return true;
}

EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
	bool known = false;

	(void)info;
	for (int k = 0; k < argc; k++) {
		if (!strncmp(argv[k], "symbols=", 8))
			known = read_symbols(argv[k] + 8);
		else if (!strncmp(argv[k], "out=", 4))
			out = fopen(argv[k] + 4, "w");
		else if (!strncmp(argv[k], "until=", 6))
			until = strtoull(argv[k] + 6, NULL, 10);
	}
	if (!known || !out) {
		fprintf(stderr, "profile: symbols=FILE and out=FILE are needed\n");
		return -1;
	}
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_atexit_cb(id, report, NULL);
	return 0;
}
