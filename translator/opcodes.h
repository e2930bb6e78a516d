/*
 * Every operation the decoder can name, with its properties: one row each.
 *
 * X(name, text, flags read, flags written, flags undefined, attributes). The last four columns use the short names that
 * insn_info.c defines; what they mean stands at struct insn_info (insn.h). Where the flags depend on the operands (shift counts,
 * REP, x87), the row holds what is true of every form and VARIES; insn_note() knows the rest.
 * The operand kinds OPD_MMX and OPD_XMM tell the two forms of a packed-integer operation apart. Names that would
 * clash with a string operation carry the suffix _X.
 */
#ifndef TRANSLATOR_OPCODES_H
#define TRANSLATOR_OPCODES_H

#define OPCODE_LIST(X) \
	X(INVALID, "(bad)", 0, 0, 0, END) \
	X(UD, "ud", 0, 0, 0, END) \
	/* arithmetic and logic */ \
	X(ADD, "add", 0, ALL, 0, LOCKABLE | STORE | SP | LATE) \
	X(OR, "or", 0, CF | PF | ZF | SF | OF, AF, LOCKABLE | STORE | LATE) \
	X(ADC, "adc", CF, ALL, 0, LOCKABLE | STORE) \
	X(SBB, "sbb", CF, ALL, 0, LOCKABLE | STORE) \
	X(AND, "and", 0, CF | PF | ZF | SF | OF, AF, LOCKABLE | STORE | LATE) \
	X(SUB, "sub", 0, ALL, 0, LOCKABLE | STORE | SP | LATE) \
	X(XOR, "xor", 0, CF | PF | ZF | SF | OF, AF, LOCKABLE | STORE | LATE) \
	X(CMP, "cmp", 0, ALL, 0, LATE) \
	X(TEST, "test", 0, CF | PF | ZF | SF | OF, AF, LATE) \
	X(INC, "inc", 0, PF | AF | ZF | SF | OF, 0, LOCKABLE | STORE | LATE) \
	X(DEC, "dec", 0, PF | AF | ZF | SF | OF, 0, LOCKABLE | STORE | LATE) \
	X(NEG, "neg", 0, ALL, 0, LOCKABLE | STORE | LATE) \
	X(NOT, "not", 0, 0, 0, LOCKABLE | STORE | LATE) \
	X(MUL, "mul", 0, CF | OF, PF | AF | ZF | SF, 0) \
	X(IMUL, "imul", 0, CF | OF, PF | AF | ZF | SF, 0) \
	X(DIV, "div", 0, 0, ALL, 0) \
	X(IDIV, "idiv", 0, 0, ALL, 0) \
	X(DAA, "daa", CF | AF, CF | PF | AF | ZF | SF, OF, 0) \
	X(DAS, "das", CF | AF, CF | PF | AF | ZF | SF, OF, 0) \
	X(AAA, "aaa", AF, CF | AF, PF | ZF | SF | OF, 0) \
	X(AAS, "aas", AF, CF | AF, PF | ZF | SF | OF, 0) \
	X(AAM, "aam", 0, PF | ZF | SF, CF | AF | OF, 0) \
	X(AAD, "aad", 0, PF | ZF | SF, CF | AF | OF, 0) \
	/* shifts: the count decides what is written */ \
	X(ROL, "rol", 0, 0, 0, STORE | VARIES) \
	X(ROR, "ror", 0, 0, 0, STORE | VARIES) \
	X(RCL, "rcl", CF, 0, 0, STORE | VARIES) \
	X(RCR, "rcr", CF, 0, 0, STORE | VARIES) \
	X(SHL, "shl", 0, 0, 0, STORE | VARIES) \
	X(SHR, "shr", 0, 0, 0, STORE | VARIES) \
	X(SAR, "sar", 0, 0, 0, STORE | VARIES) \
	X(SHLD, "shld", 0, 0, 0, STORE | VARIES) \
	X(SHRD, "shrd", 0, 0, 0, STORE | VARIES) \
	/* bits */ \
	X(BT, "bt", 0, CF, PF | AF | SF | OF, 0) \
	X(BTS, "bts", 0, CF, PF | AF | SF | OF, LOCKABLE | STORE) \
	X(BTR, "btr", 0, CF, PF | AF | SF | OF, LOCKABLE | STORE) \
	X(BTC, "btc", 0, CF, PF | AF | SF | OF, LOCKABLE | STORE) \
	X(BSF, "bsf", 0, ZF, CF | PF | AF | SF | OF, 0) \
	X(BSR, "bsr", 0, ZF, CF | PF | AF | SF | OF, 0) \
	X(BSWAP, "bswap", 0, 0, 0, 0) \
	X(POPCNT, "popcnt", 0, ALL, 0, 0) \
	X(CRC32, "crc32", 0, 0, 0, 0) \
	X(XADD, "xadd", 0, ALL, 0, LOCKABLE | STORE) \
	X(CMPXCHG, "cmpxchg", 0, ALL, 0, LOCKABLE | STORE) \
	X(CMPXCHG8B, "cmpxchg8b", 0, ZF, 0, LOCKABLE | STORE) \
	X(CMPXCHG16B, "cmpxchg16b", 0, ZF, 0, LOCKABLE | STORE) \
	/* data movement */ \
	X(MOV, "mov", 0, 0, 0, STORE | MOVES | LATE) \
	X(MOVZX, "movzx", 0, 0, 0, LATE) \
	X(MOVSX, "movsx", 0, 0, 0, LATE) \
	X(MOVSXD, "movsxd", 0, 0, 0, LATE) \
	X(LEA, "lea", 0, 0, 0, LATE) \
	X(XCHG, "xchg", 0, 0, 0, LOCKABLE | STORE) \
	X(CMOVCC, "cmov", ALL, 0, 0, EVALUATES | VARIES | MOVES) \
	X(SETCC, "set", ALL, 0, 0, STORE | EVALUATES | VARIES | MOVES) \
	X(CBW, "cbw", 0, 0, 0, 0) \
	X(CWD, "cwd", 0, 0, 0, 0) \
	X(PUSH, "push", 0, 0, 0, STORE | SP | LATE) \
	X(POP, "pop", 0, 0, 0, STORE | SP | LATE) \
	X(PUSHA, "pusha", 0, 0, 0, STORE) \
	X(POPA, "popa", 0, 0, 0, 0) \
	X(PUSHF, "pushf", ALL | DF | IF, 0, 0, STORE) \
	X(POPF, "popf", 0, ALL, 0, 0) \
	X(ENTER, "enter", 0, 0, 0, STORE) \
	X(LEAVE, "leave", 0, 0, 0, 0) \
	X(LDS, "lds", 0, 0, 0, 0) \
	X(LES, "les", 0, 0, 0, 0) \
	X(LSS, "lss", 0, 0, 0, 0) \
	X(LFS, "lfs", 0, 0, 0, 0) \
	X(LGS, "lgs", 0, 0, 0, 0) \
	X(LAHF, "lahf", CF | PF | AF | ZF | SF, 0, 0, 0) \
	X(SAHF, "sahf", 0, CF | PF | AF | ZF | SF, 0, 0) \
	X(XLAT, "xlat", 0, 0, 0, 0) \
	X(SALC, "salc", CF, 0, 0, 0) \
	X(MOVNTI, "movnti", 0, 0, 0, STORE) \
	X(MOVBE, "movbe", 0, 0, 0, STORE) \
	/* flags */ \
	X(CLC, "clc", 0, CF, 0, 0) \
	X(STC, "stc", 0, CF, 0, 0) \
	X(CMC, "cmc", CF, CF, 0, 0) \
	X(CLD, "cld", 0, DF, 0, 0) \
	X(STD, "std", 0, DF, 0, 0) \
	X(CLI, "cli", 0, 0, 0, 0) \
	X(STI, "sti", 0, 0, 0, 0) \
	/* control transfer */ \
	X(JMP, "jmp", 0, 0, 0, END) \
	X(CALL, "call", 0, 0, 0, END | STORE | LATE) \
	X(RET, "ret", 0, 0, 0, END | LATE) \
	X(JCC, "j", ALL, 0, 0, COND | EVALUATES | VARIES) \
	X(LOOP, "loop", 0, 0, 0, COND) \
	X(LOOPE, "loope", ZF, 0, 0, COND) \
	X(LOOPNE, "loopne", ZF, 0, 0, COND) \
	X(JCXZ, "jcxz", 0, 0, 0, COND) \
	X(JMPF, "jmp", 0, 0, 0, END) \
	X(CALLF, "call", 0, 0, 0, END | STORE) \
	X(RETF, "retf", 0, 0, 0, END) \
	X(IRET, "iret", 0, 0, 0, END) \
	X(INT, "int", ALL | DF | IF, 0, 0, END | STORE) \
	X(INT3, "int3", ALL | DF | IF, 0, 0, END | STORE) \
	X(INT1, "int1", ALL | DF | IF, 0, 0, END | STORE) \
	X(INTO, "into", ALL | DF | IF, 0, 0, STORE) \
	X(BOUND, "bound", 0, 0, 0, 0) \
	X(NOP, "nop", 0, 0, 0, LATE) \
	X(PAUSE, "pause", 0, 0, 0, 0) \
	/* strings: opsize is the element's size; REP CMPS and REP SCAS write flags only if they run at least once */ \
	X(MOVS, "movs", DF, 0, 0, STORE) \
	X(CMPS, "cmps", DF, 0, 0, VARIES) \
	X(STOS, "stos", DF, 0, 0, STORE) \
	X(LODS, "lods", DF, 0, 0, 0) \
	X(SCAS, "scas", DF, 0, 0, VARIES) \
	X(INS, "ins", DF, 0, 0, STORE) \
	X(OUTS, "outs", DF, 0, 0, 0) \
	/* input and output */ \
	X(IN, "in", 0, 0, 0, 0) \
	X(OUT, "out", 0, 0, 0, 0) \
	/* system */ \
	X(LGDT, "lgdt", 0, 0, 0, PRIV) \
	X(LIDT, "lidt", 0, 0, 0, PRIV) \
	X(SGDT, "sgdt", 0, 0, 0, STORE) \
	X(SIDT, "sidt", 0, 0, 0, STORE) \
	X(LLDT, "lldt", 0, 0, 0, PRIV) \
	X(LTR, "ltr", 0, 0, 0, PRIV) \
	X(SLDT, "sldt", 0, 0, 0, STORE) \
	X(STR, "str", 0, 0, 0, STORE) \
	X(SMSW, "smsw", 0, 0, 0, STORE) \
	X(LMSW, "lmsw", 0, 0, 0, PRIV | END) \
	X(CLTS, "clts", 0, 0, 0, PRIV) \
	X(INVLPG, "invlpg", 0, 0, 0, PRIV) \
	X(ARPL, "arpl", 0, ZF, 0, STORE) \
	X(LAR, "lar", 0, ZF, 0, 0) \
	X(LSL, "lsl", 0, ZF, 0, 0) \
	X(VERR, "verr", 0, ZF, 0, 0) \
	X(VERW, "verw", 0, ZF, 0, 0) \
	X(MOV_CR, "mov", 0, 0, 0, PRIV | END)       /* to a control register */ \
	X(MOV_FROM_CR, "mov", 0, 0, 0, PRIV) \
	X(MOV_DR, "mov", 0, 0, 0, PRIV | END)       /* to a debug register */ \
	X(MOV_FROM_DR, "mov", 0, 0, 0, PRIV) \
	X(INVD, "invd", 0, 0, 0, PRIV) \
	X(WBINVD, "wbinvd", 0, 0, 0, PRIV) \
	X(RDMSR, "rdmsr", 0, 0, 0, PRIV) \
	X(WRMSR, "wrmsr", 0, 0, 0, PRIV | END) \
	X(RDTSC, "rdtsc", 0, 0, 0, 0) \
	X(RDTSCP, "rdtscp", 0, 0, 0, 0) \
	X(RDPMC, "rdpmc", 0, 0, 0, 0) \
	X(CPUID, "cpuid", 0, 0, 0, 0) \
	X(SYSENTER, "sysenter", 0, 0, 0, END) \
	X(SYSEXIT, "sysexit", 0, 0, 0, PRIV | END) \
	X(SYSCALL, "syscall", ALL | DF | IF, 0, 0, END) \
	X(SYSRET, "sysret", 0, ALL, 0, PRIV | END) \
	X(SWAPGS, "swapgs", 0, 0, 0, PRIV) \
	X(RDFSBASE, "rdfsbase", 0, 0, 0, 0) \
	X(RDGSBASE, "rdgsbase", 0, 0, 0, 0) \
	X(WRFSBASE, "wrfsbase", 0, 0, 0, 0) \
	X(WRGSBASE, "wrgsbase", 0, 0, 0, 0) \
	X(INVPCID, "invpcid", 0, 0, 0, PRIV | END) \
	X(XGETBV, "xgetbv", 0, 0, 0, 0) \
	X(XSETBV, "xsetbv", 0, 0, 0, PRIV) \
	X(RSM, "rsm", 0, 0, 0, END) \
	X(HLT, "hlt", 0, 0, 0, PRIV | END) \
	/* x87: insn.opcode (D8-DF) and insn.modrm tell which */ \
	X(X87, "x87", 0, 0, 0, FPU | STORE | VARIES) \
	X(FWAIT, "fwait", 0, 0, 0, FPU) \
	X(FXSAVE, "fxsave", 0, 0, 0, STORE) \
	X(FXRSTOR, "fxrstor", 0, 0, 0, 0) \
	X(XSAVE, "xsave", 0, 0, 0, STORE) \
	X(XSAVEOPT, "xsaveopt", 0, 0, 0, STORE) \
	X(XRSTOR, "xrstor", 0, 0, 0, 0) \
	X(EMMS, "emms", 0, 0, 0, FPU) \
	X(LDMXCSR, "ldmxcsr", 0, 0, 0, SSE) \
	X(STMXCSR, "stmxcsr", 0, 0, 0, SSE | STORE) \
	X(CLFLUSH, "clflush", 0, 0, 0, 0) \
	X(LFENCE, "lfence", 0, 0, 0, 0) \
	X(MFENCE, "mfence", 0, 0, 0, 0) \
	X(SFENCE, "sfence", 0, 0, 0, 0) \
	/* SSE and SSE2 moves */ \
	X(MOVUPS, "movups", 0, 0, 0, SSE | STORE) \
	X(MOVUPD, "movupd", 0, 0, 0, SSE | STORE) \
	X(MOVSS, "movss", 0, 0, 0, SSE | STORE) \
	X(MOVSD_X, "movsd", 0, 0, 0, SSE | STORE) \
	X(MOVLPS, "movlps", 0, 0, 0, SSE | STORE) \
	X(MOVLPD, "movlpd", 0, 0, 0, SSE | STORE) \
	X(MOVHLPS, "movhlps", 0, 0, 0, SSE) \
	X(MOVHPS, "movhps", 0, 0, 0, SSE | STORE) \
	X(MOVHPD, "movhpd", 0, 0, 0, SSE | STORE) \
	X(MOVLHPS, "movlhps", 0, 0, 0, SSE) \
	X(MOVAPS, "movaps", 0, 0, 0, SSE | STORE) \
	X(MOVAPD, "movapd", 0, 0, 0, SSE | STORE) \
	X(MOVNTPS, "movntps", 0, 0, 0, SSE | STORE) \
	X(MOVNTPD, "movntpd", 0, 0, 0, SSE | STORE) \
	X(MOVMSKPS, "movmskps", 0, 0, 0, SSE) \
	X(MOVMSKPD, "movmskpd", 0, 0, 0, SSE) \
	X(UNPCKLPS, "unpcklps", 0, 0, 0, SSE) \
	X(UNPCKLPD, "unpcklpd", 0, 0, 0, SSE) \
	X(UNPCKHPS, "unpckhps", 0, 0, 0, SSE) \
	X(UNPCKHPD, "unpckhpd", 0, 0, 0, SSE) \
	X(SHUFPS, "shufps", 0, 0, 0, SSE) \
	X(SHUFPD, "shufpd", 0, 0, 0, SSE) \
	/* SSE and SSE2 floating point */ \
	X(CVTPI2PS, "cvtpi2ps", 0, 0, 0, SSE | FPU) \
	X(CVTPI2PD, "cvtpi2pd", 0, 0, 0, SSE | FPU) \
	X(CVTSI2SS, "cvtsi2ss", 0, 0, 0, SSE) \
	X(CVTSI2SD, "cvtsi2sd", 0, 0, 0, SSE) \
	X(CVTTPS2PI, "cvttps2pi", 0, 0, 0, SSE | FPU) \
	X(CVTTPD2PI, "cvttpd2pi", 0, 0, 0, SSE | FPU) \
	X(CVTTSS2SI, "cvttss2si", 0, 0, 0, SSE) \
	X(CVTTSD2SI, "cvttsd2si", 0, 0, 0, SSE) \
	X(CVTPS2PI, "cvtps2pi", 0, 0, 0, SSE | FPU) \
	X(CVTPD2PI, "cvtpd2pi", 0, 0, 0, SSE | FPU) \
	X(CVTSS2SI, "cvtss2si", 0, 0, 0, SSE) \
	X(CVTSD2SI, "cvtsd2si", 0, 0, 0, SSE) \
	X(UCOMISS, "ucomiss", 0, ALL, 0, SSE) \
	X(UCOMISD, "ucomisd", 0, ALL, 0, SSE) \
	X(COMISS, "comiss", 0, ALL, 0, SSE) \
	X(COMISD, "comisd", 0, ALL, 0, SSE) \
	X(SQRTPS, "sqrtps", 0, 0, 0, SSE) \
	X(SQRTPD, "sqrtpd", 0, 0, 0, SSE) \
	X(SQRTSS, "sqrtss", 0, 0, 0, SSE) \
	X(SQRTSD, "sqrtsd", 0, 0, 0, SSE) \
	X(RSQRTPS, "rsqrtps", 0, 0, 0, SSE) \
	X(RSQRTSS, "rsqrtss", 0, 0, 0, SSE) \
	X(RCPPS, "rcpps", 0, 0, 0, SSE) \
	X(RCPSS, "rcpss", 0, 0, 0, SSE) \
	X(ANDPS, "andps", 0, 0, 0, SSE) \
	X(ANDPD, "andpd", 0, 0, 0, SSE) \
	X(ANDNPS, "andnps", 0, 0, 0, SSE) \
	X(ANDNPD, "andnpd", 0, 0, 0, SSE) \
	X(ORPS, "orps", 0, 0, 0, SSE) \
	X(ORPD, "orpd", 0, 0, 0, SSE) \
	X(XORPS, "xorps", 0, 0, 0, SSE) \
	X(XORPD, "xorpd", 0, 0, 0, SSE) \
	X(ADDPS, "addps", 0, 0, 0, SSE) \
	X(ADDPD, "addpd", 0, 0, 0, SSE) \
	X(ADDSS, "addss", 0, 0, 0, SSE) \
	X(ADDSD, "addsd", 0, 0, 0, SSE) \
	X(MULPS, "mulps", 0, 0, 0, SSE) \
	X(MULPD, "mulpd", 0, 0, 0, SSE) \
	X(MULSS, "mulss", 0, 0, 0, SSE) \
	X(MULSD, "mulsd", 0, 0, 0, SSE) \
	X(CVTPS2PD, "cvtps2pd", 0, 0, 0, SSE) \
	X(CVTPD2PS, "cvtpd2ps", 0, 0, 0, SSE) \
	X(CVTSS2SD, "cvtss2sd", 0, 0, 0, SSE) \
	X(CVTSD2SS, "cvtsd2ss", 0, 0, 0, SSE) \
	X(CVTDQ2PS, "cvtdq2ps", 0, 0, 0, SSE) \
	X(CVTPS2DQ, "cvtps2dq", 0, 0, 0, SSE) \
	X(CVTTPS2DQ, "cvttps2dq", 0, 0, 0, SSE) \
	X(CVTDQ2PD, "cvtdq2pd", 0, 0, 0, SSE) \
	X(CVTPD2DQ, "cvtpd2dq", 0, 0, 0, SSE) \
	X(CVTTPD2DQ, "cvttpd2dq", 0, 0, 0, SSE) \
	X(SUBPS, "subps", 0, 0, 0, SSE) \
	X(SUBPD, "subpd", 0, 0, 0, SSE) \
	X(SUBSS, "subss", 0, 0, 0, SSE) \
	X(SUBSD, "subsd", 0, 0, 0, SSE) \
	X(MINPS, "minps", 0, 0, 0, SSE) \
	X(MINPD, "minpd", 0, 0, 0, SSE) \
	X(MINSS, "minss", 0, 0, 0, SSE) \
	X(MINSD, "minsd", 0, 0, 0, SSE) \
	X(DIVPS, "divps", 0, 0, 0, SSE) \
	X(DIVPD, "divpd", 0, 0, 0, SSE) \
	X(DIVSS, "divss", 0, 0, 0, SSE) \
	X(DIVSD, "divsd", 0, 0, 0, SSE) \
	X(MAXPS, "maxps", 0, 0, 0, SSE) \
	X(MAXPD, "maxpd", 0, 0, 0, SSE) \
	X(MAXSS, "maxss", 0, 0, 0, SSE) \
	X(MAXSD, "maxsd", 0, 0, 0, SSE) \
	X(CMPPS, "cmpps", 0, 0, 0, SSE)             /* opd[2] is the predicate */ \
	X(CMPPD, "cmppd", 0, 0, 0, SSE) \
	X(CMPSS, "cmpss", 0, 0, 0, SSE) \
	X(CMPSD_X, "cmpsd", 0, 0, 0, SSE) \
	/* MMX and packed integers of SSE2 */ \
	X(MOVD, "movd", 0, 0, 0, SSE | FPU | STORE) /* the other operand has 4 bytes, or 8 with REX.W */ \
	X(MOVQ, "movq", 0, 0, 0, SSE | FPU | STORE) \
	X(MOVDQA, "movdqa", 0, 0, 0, SSE | STORE) \
	X(MOVDQU, "movdqu", 0, 0, 0, SSE | STORE) \
	X(MOVQ2DQ, "movq2dq", 0, 0, 0, SSE | FPU) \
	X(MOVDQ2Q, "movdq2q", 0, 0, 0, SSE | FPU) \
	X(MOVNTQ, "movntq", 0, 0, 0, FPU | STORE) \
	X(MOVNTDQ, "movntdq", 0, 0, 0, SSE | STORE) \
	X(MASKMOVQ, "maskmovq", 0, 0, 0, FPU | STORE) \
	X(MASKMOVDQU, "maskmovdqu", 0, 0, 0, SSE | STORE) \
	X(PMOVMSKB, "pmovmskb", 0, 0, 0, SSE | FPU) \
	X(PINSRW, "pinsrw", 0, 0, 0, SSE | FPU) \
	X(PEXTRW, "pextrw", 0, 0, 0, SSE | FPU | STORE) \
	X(PSHUFW, "pshufw", 0, 0, 0, FPU) \
	X(PSHUFD, "pshufd", 0, 0, 0, SSE) \
	X(PSHUFHW, "pshufhw", 0, 0, 0, SSE) \
	X(PSHUFLW, "pshuflw", 0, 0, 0, SSE) \
	X(PUNPCKLBW, "punpcklbw", 0, 0, 0, SSE | FPU) \
	X(PUNPCKLWD, "punpcklwd", 0, 0, 0, SSE | FPU) \
	X(PUNPCKLDQ, "punpckldq", 0, 0, 0, SSE | FPU) \
	X(PUNPCKLQDQ, "punpcklqdq", 0, 0, 0, SSE) \
	X(PUNPCKHBW, "punpckhbw", 0, 0, 0, SSE | FPU) \
	X(PUNPCKHWD, "punpckhwd", 0, 0, 0, SSE | FPU) \
	X(PUNPCKHDQ, "punpckhdq", 0, 0, 0, SSE | FPU) \
	X(PUNPCKHQDQ, "punpckhqdq", 0, 0, 0, SSE) \
	X(PACKSSWB, "packsswb", 0, 0, 0, SSE | FPU) \
	X(PACKUSWB, "packuswb", 0, 0, 0, SSE | FPU) \
	X(PACKSSDW, "packssdw", 0, 0, 0, SSE | FPU) \
	X(PCMPGTB, "pcmpgtb", 0, 0, 0, SSE | FPU) \
	X(PCMPGTW, "pcmpgtw", 0, 0, 0, SSE | FPU) \
	X(PCMPGTD, "pcmpgtd", 0, 0, 0, SSE | FPU) \
	X(PCMPEQB, "pcmpeqb", 0, 0, 0, SSE | FPU) \
	X(PCMPEQW, "pcmpeqw", 0, 0, 0, SSE | FPU) \
	X(PCMPEQD, "pcmpeqd", 0, 0, 0, SSE | FPU) \
	X(PSRLW, "psrlw", 0, 0, 0, SSE | FPU) \
	X(PSRLD, "psrld", 0, 0, 0, SSE | FPU) \
	X(PSRLQ, "psrlq", 0, 0, 0, SSE | FPU) \
	X(PSRLDQ, "psrldq", 0, 0, 0, SSE) \
	X(PSRAW, "psraw", 0, 0, 0, SSE | FPU) \
	X(PSRAD, "psrad", 0, 0, 0, SSE | FPU) \
	X(PSLLW, "psllw", 0, 0, 0, SSE | FPU) \
	X(PSLLD, "pslld", 0, 0, 0, SSE | FPU) \
	X(PSLLQ, "psllq", 0, 0, 0, SSE | FPU) \
	X(PSLLDQ, "pslldq", 0, 0, 0, SSE) \
	X(PADDB, "paddb", 0, 0, 0, SSE | FPU) \
	X(PADDW, "paddw", 0, 0, 0, SSE | FPU) \
	X(PADDD, "paddd", 0, 0, 0, SSE | FPU) \
	X(PADDQ, "paddq", 0, 0, 0, SSE | FPU) \
	X(PADDSB, "paddsb", 0, 0, 0, SSE | FPU) \
	X(PADDSW, "paddsw", 0, 0, 0, SSE | FPU) \
	X(PADDUSB, "paddusb", 0, 0, 0, SSE | FPU) \
	X(PADDUSW, "paddusw", 0, 0, 0, SSE | FPU) \
	X(PSUBB, "psubb", 0, 0, 0, SSE | FPU) \
	X(PSUBW, "psubw", 0, 0, 0, SSE | FPU) \
	X(PSUBD, "psubd", 0, 0, 0, SSE | FPU) \
	X(PSUBQ, "psubq", 0, 0, 0, SSE | FPU) \
	X(PSUBSB, "psubsb", 0, 0, 0, SSE | FPU) \
	X(PSUBSW, "psubsw", 0, 0, 0, SSE | FPU) \
	X(PSUBUSB, "psubusb", 0, 0, 0, SSE | FPU) \
	X(PSUBUSW, "psubusw", 0, 0, 0, SSE | FPU) \
	X(PMULLW, "pmullw", 0, 0, 0, SSE | FPU) \
	X(PMULHW, "pmulhw", 0, 0, 0, SSE | FPU) \
	X(PMULHUW, "pmulhuw", 0, 0, 0, SSE | FPU) \
	X(PMULUDQ, "pmuludq", 0, 0, 0, SSE | FPU) \
	X(PMADDWD, "pmaddwd", 0, 0, 0, SSE | FPU) \
	X(PMINUB, "pminub", 0, 0, 0, SSE | FPU) \
	X(PMINSW, "pminsw", 0, 0, 0, SSE | FPU) \
	X(PMAXUB, "pmaxub", 0, 0, 0, SSE | FPU) \
	X(PMAXSW, "pmaxsw", 0, 0, 0, SSE | FPU) \
	X(PAVGB, "pavgb", 0, 0, 0, SSE | FPU) \
	X(PAVGW, "pavgw", 0, 0, 0, SSE | FPU) \
	X(PSADBW, "psadbw", 0, 0, 0, SSE | FPU) \
	X(PAND, "pand", 0, 0, 0, SSE | FPU) \
	X(PANDN, "pandn", 0, 0, 0, SSE | FPU) \
	X(POR, "por", 0, 0, 0, SSE | FPU) \
	X(PXOR, "pxor", 0, 0, 0, SSE | FPU) \
	/* SSE3 */ \
	X(ADDSUBPS, "addsubps", 0, 0, 0, SSE) \
	X(ADDSUBPD, "addsubpd", 0, 0, 0, SSE) \
	X(HADDPS, "haddps", 0, 0, 0, SSE) \
	X(HADDPD, "haddpd", 0, 0, 0, SSE) \
	X(HSUBPS, "hsubps", 0, 0, 0, SSE) \
	X(HSUBPD, "hsubpd", 0, 0, 0, SSE) \
	X(MOVDDUP, "movddup", 0, 0, 0, SSE) \
	X(MOVSHDUP, "movshdup", 0, 0, 0, SSE) \
	X(MOVSLDUP, "movsldup", 0, 0, 0, SSE) \
	X(LDDQU, "lddqu", 0, 0, 0, SSE) \
	/* SSSE3 */ \
	X(PSHUFB, "pshufb", 0, 0, 0, SSE | FPU) \
	X(PHADDW, "phaddw", 0, 0, 0, SSE | FPU) \
	X(PHADDD, "phaddd", 0, 0, 0, SSE | FPU) \
	X(PHADDSW, "phaddsw", 0, 0, 0, SSE | FPU) \
	X(PHSUBW, "phsubw", 0, 0, 0, SSE | FPU) \
	X(PHSUBD, "phsubd", 0, 0, 0, SSE | FPU) \
	X(PHSUBSW, "phsubsw", 0, 0, 0, SSE | FPU) \
	X(PMADDUBSW, "pmaddubsw", 0, 0, 0, SSE | FPU) \
	X(PMULHRSW, "pmulhrsw", 0, 0, 0, SSE | FPU) \
	X(PSIGNB, "psignb", 0, 0, 0, SSE | FPU) \
	X(PSIGNW, "psignw", 0, 0, 0, SSE | FPU) \
	X(PSIGND, "psignd", 0, 0, 0, SSE | FPU) \
	X(PABSB, "pabsb", 0, 0, 0, SSE | FPU) \
	X(PABSW, "pabsw", 0, 0, 0, SSE | FPU) \
	X(PABSD, "pabsd", 0, 0, 0, SSE | FPU) \
	X(PALIGNR, "palignr", 0, 0, 0, SSE | FPU) \
	/* SSE4.1; the last operand of the variable blends is XMM0 */ \
	X(BLENDPS, "blendps", 0, 0, 0, SSE) \
	X(BLENDPD, "blendpd", 0, 0, 0, SSE) \
	X(PBLENDW, "pblendw", 0, 0, 0, SSE) \
	X(BLENDVPS, "blendvps", 0, 0, 0, SSE) \
	X(BLENDVPD, "blendvpd", 0, 0, 0, SSE) \
	X(PBLENDVB, "pblendvb", 0, 0, 0, SSE) \
	X(ROUNDPS, "roundps", 0, 0, 0, SSE) \
	X(ROUNDPD, "roundpd", 0, 0, 0, SSE) \
	X(ROUNDSS, "roundss", 0, 0, 0, SSE) \
	X(ROUNDSD, "roundsd", 0, 0, 0, SSE) \
	X(DPPS, "dpps", 0, 0, 0, SSE) \
	X(DPPD, "dppd", 0, 0, 0, SSE) \
	X(INSERTPS, "insertps", 0, 0, 0, SSE) \
	X(EXTRACTPS, "extractps", 0, 0, 0, SSE | STORE) \
	X(PEXTRB, "pextrb", 0, 0, 0, SSE | STORE) \
	X(PEXTRD, "pextrd", 0, 0, 0, SSE | STORE)   /* PEXTRQ, PINSRQ: the other operand has 8 bytes */ \
	X(PINSRB, "pinsrb", 0, 0, 0, SSE) \
	X(PINSRD, "pinsrd", 0, 0, 0, SSE) \
	X(PMOVSXBW, "pmovsxbw", 0, 0, 0, SSE) \
	X(PMOVSXBD, "pmovsxbd", 0, 0, 0, SSE) \
	X(PMOVSXBQ, "pmovsxbq", 0, 0, 0, SSE) \
	X(PMOVSXWD, "pmovsxwd", 0, 0, 0, SSE) \
	X(PMOVSXWQ, "pmovsxwq", 0, 0, 0, SSE) \
	X(PMOVSXDQ, "pmovsxdq", 0, 0, 0, SSE) \
	X(PMOVZXBW, "pmovzxbw", 0, 0, 0, SSE) \
	X(PMOVZXBD, "pmovzxbd", 0, 0, 0, SSE) \
	X(PMOVZXBQ, "pmovzxbq", 0, 0, 0, SSE) \
	X(PMOVZXWD, "pmovzxwd", 0, 0, 0, SSE) \
	X(PMOVZXWQ, "pmovzxwq", 0, 0, 0, SSE) \
	X(PMOVZXDQ, "pmovzxdq", 0, 0, 0, SSE) \
	X(PMINSB, "pminsb", 0, 0, 0, SSE) \
	X(PMINSD, "pminsd", 0, 0, 0, SSE) \
	X(PMINUW, "pminuw", 0, 0, 0, SSE) \
	X(PMINUD, "pminud", 0, 0, 0, SSE) \
	X(PMAXSB, "pmaxsb", 0, 0, 0, SSE) \
	X(PMAXSD, "pmaxsd", 0, 0, 0, SSE) \
	X(PMAXUW, "pmaxuw", 0, 0, 0, SSE) \
	X(PMAXUD, "pmaxud", 0, 0, 0, SSE) \
	X(PMULDQ, "pmuldq", 0, 0, 0, SSE) \
	X(PMULLD, "pmulld", 0, 0, 0, SSE) \
	X(PCMPEQQ, "pcmpeqq", 0, 0, 0, SSE) \
	X(PACKUSDW, "packusdw", 0, 0, 0, SSE) \
	X(PHMINPOSUW, "phminposuw", 0, 0, 0, SSE) \
	X(MPSADBW, "mpsadbw", 0, 0, 0, SSE) \
	X(MOVNTDQA, "movntdqa", 0, 0, 0, SSE) \
	X(PTEST, "ptest", 0, ALL, 0, SSE) \
	/* SSE4.2 */ \
	X(PCMPGTQ, "pcmpgtq", 0, 0, 0, SSE) \
	X(PCMPESTRI, "pcmpestri", 0, ALL, 0, SSE) \
	X(PCMPESTRM, "pcmpestrm", 0, ALL, 0, SSE) \
	X(PCMPISTRI, "pcmpistri", 0, ALL, 0, SSE) \
	X(PCMPISTRM, "pcmpistrm", 0, ALL, 0, SSE) \
	/* AES and PCLMULQDQ */ \
	X(AESENC, "aesenc", 0, 0, 0, SSE) \
	X(AESENCLAST, "aesenclast", 0, 0, 0, SSE) \
	X(AESDEC, "aesdec", 0, 0, 0, SSE) \
	X(AESDECLAST, "aesdeclast", 0, 0, 0, SSE) \
	X(AESIMC, "aesimc", 0, 0, 0, SSE) \
	X(AESKEYGENASSIST, "aeskeygenassist", 0, 0, 0, SSE) \
	X(PCLMULQDQ, "pclmulqdq", 0, 0, 0, SSE)

enum opcode {
#define X(name, text, read, written, undefined, attr) OP_##name,
	OPCODE_LIST(X)
#undef X
	OP_COUNT
};

#endif
