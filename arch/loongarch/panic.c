#include <stdarg.h>
#include <stdio.h>

#include "arch/loongarch/backtrace.h"
#include "arch/loongarch/csr.h"
#include "arch/loongarch/host.h"
#include "arch/loongarch/power.h"

static const char *const reg_names[32] = {
	"zero", "ra", "tp", "sp", "a0", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t0", "t1", "t2", "t3",
	"t4", "t5", "t6", "t7", "t8", "r21", "fp", "s0", "s1", "s2", "s3", "s4", "s5", "s6", "s7", "s8",
};

static void __attribute__((format(printf, 1, 2))) say(const char *fmt, ...)
{
	char line[256];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (n > (int)sizeof line - 1)
		n = sizeof line - 1;
	console_write(line, n);
}

static void say_address(uint64_t address)
{
	uint64_t offset;
	const char *name = symbol_of(address, &offset);

	if (name)
		say("  %016lx %s+%#lx\n", address, name, offset);
	else
		say("  %016lx\n", address);
}

static void say_frame(const struct trap_frame *f)
{
	for (int i = 0; i < 32; i++)
		say("%5s %016lx%s", reg_names[i], f->r[i], i % 4 == 3 ? "\n" : "");
	say("  era %016lx badv %016lx estat %08lx badi %08lx\n", f->era, f->badv, f->estat, csr_read(CSR_BADI));
	say(" crmd %08lx prmd %08lx euen %08lx ecfg %08lx\n", csr_read(CSR_CRMD), f->prmd, csr_read(CSR_EUEN), csr_read(CSR_ECFG));
	say("tlbrbadv %016lx tlbrera %016lx save4 %016lx save5 %016lx\n", csr_read(CSR_TLBRBADV), csr_read(CSR_TLBRERA),
	    csr_read(CSR_SAVE4), csr_read(CSR_SAVE5));
}

/* The frame pointer that the function with frame pointer fp was called with (LoongArch psABI). */
static uint64_t caller_frame(const uint64_t *fp)
{
	return fp[-2];
}

void panic(const struct trap_frame *frame, const char *fmt, ...)
{
	static int depth;
	va_list ap;
	char message[256];

	csr_xchg(CSR_CRMD, CRMD_IE, 0);
	if (depth++) {
		console_write("panic within a panic\n", 21);
		host_poweroff();
	}
	va_start(ap, fmt);
	vsnprintf(message, sizeof message, fmt, ap);
	va_end(ap);
	say("\npanic: %s\n", message);
	if (frame)
		say_frame(frame);
	say("calls, innermost first (image at %#lx):\n", host.image.base);
	if (frame)
		backtrace(frame->era, frame->r[1], frame->r[22], say_address);
	else
		backtrace((uint64_t)__builtin_return_address(0) - 4, 0, caller_frame(__builtin_frame_address(0)), say_address);
	say("The machine stops here.\n");
	host_poweroff();
}
