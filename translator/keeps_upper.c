#include "translator/emit.h"
#include "translator/vregs.h"

#define RESULT 16
#define OPERAND 17

#define WORDS 8

/* The instructions whose results translated code may leave in an XMM register (gen_sse_fp.c, gen_sse_convert.c). */
static void emit_words(uint32_t *words)
{
	struct emit e = { .p = words, .start = words, .end = words + WORDS };

	la_fadd_d(&e, RESULT, RESULT, OPERAND);
	la_fsub_d(&e, RESULT, RESULT, OPERAND);
	la_fmul_d(&e, RESULT, RESULT, OPERAND);
	la_fdiv_d(&e, RESULT, OPERAND, OPERAND);
	la_fsqrt_d(&e, RESULT, OPERAND);
	la_ffint_d_w(&e, RESULT, OPERAND);
	la_ffint_d_l(&e, RESULT, OPERAND);
	la_fsel(&e, RESULT, OPERAND, OPERAND, 0);
}

bool host_keeps_upper(void)
{
	static const uint64_t operand[2] = { 0x3ff8000000000000, 0x123456789abcdef0 };
	const uint64_t upper = 0x7ff123456789abcd;
	uint32_t words[WORDS], fcsr = fcsr_read();
	bool keeps = true;

	emit_words(words);
	vreg_load(OPERAND, operand);
	for (unsigned k = 0; k < WORDS; k++) {
		uint64_t result[2] = { operand[0], upper };
		vreg_load(RESULT, result);
		fp_execute(words[k]);
		vreg_store(RESULT, result);
		keeps = keeps && result[1] == upper;
	}
	fcsr_write(fcsr);
	return keeps;
}
