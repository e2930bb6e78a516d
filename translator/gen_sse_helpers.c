/* SSE instructions that C carries out: string comparisons of SSE4.2, AES, PCLMULQDQ. */
#include "translator/aes.h"
#include "translator/gen_sse.h"
#include "translator/pcmpstr.h"
#include "translator/sse_exec.h"

/* fn(cpu, operation, registers, imm); its result is in T0. */
static void call(struct tr *t, const struct insn *i, const void *fn, unsigned imm)
{
	int d = HXMM(i->opd[0].reg), s = gen_sse_source(t, i, 1);

	gen_li(t, T1, i->op);
	gen_li(t, T2, (int64_t)SSE_REGS(d, d, s));
	gen_li(t, T3, imm);
	gen_helper(t, fn);
}

int gen_sse_helpers(struct tr *t, const struct insn *i)
{
	unsigned imm = (unsigned)i->imm & 0xff;

	switch (i->op) {
	case OP_PCMPESTRI:
	case OP_PCMPESTRM:
	case OP_PCMPISTRI:
	case OP_PCMPISTRM:
		call(t, i, (const void *)pcmpstr, imm | (i->rex & 8 ? PCMPSTR_WIDE : 0));
		gen_cc_put(t, T0);
		return 0;
	case OP_AESENC:
	case OP_AESENCLAST:
	case OP_AESDEC:
	case OP_AESDECLAST:
	case OP_AESIMC:
	case OP_AESKEYGENASSIST:
		call(t, i, (const void *)aes_exec, imm);
		return 0;
	case OP_PCLMULQDQ:
		call(t, i, (const void *)pclmulqdq, imm);
		return 0;
	}
	return -1;
}
