/* Decoding of host memory instructions (encodings by llvm-mc), and doing their register half by hand. */
#include "tests/unit/mmu_model.h"

#include "translator/mmu_internal.h"
#include "translator/hostinsn.c"

/* Register n holds n << 20. */
static const struct {
	uint32_t word;
	const char *text;
	int op, file;
	unsigned size, reg, value_reg, element;
	uint64_t address;
} cases[] = {
	{ 0x282000b7, "ld.b $r23, $r5, -2048", HOST_LOAD, HOST_GPR_SIGNED, 1, 23, 0, 0, 0x4ff800 },
	{ 0x38001cde, "ldx.b $r30, $r6, $r7", HOST_LOAD, HOST_GPR_SIGNED, 1, 30, 0, 0, 0xd00000 },
	{ 0x286000b7, "ld.h $r23, $r5, -2048", HOST_LOAD, HOST_GPR_SIGNED, 2, 23, 0, 0, 0x4ff800 },
	{ 0x38041cde, "ldx.h $r30, $r6, $r7", HOST_LOAD, HOST_GPR_SIGNED, 2, 30, 0, 0, 0xd00000 },
	{ 0x28a000b7, "ld.w $r23, $r5, -2048", HOST_LOAD, HOST_GPR_SIGNED, 4, 23, 0, 0, 0x4ff800 },
	{ 0x38081cde, "ldx.w $r30, $r6, $r7", HOST_LOAD, HOST_GPR_SIGNED, 4, 30, 0, 0, 0xd00000 },
	{ 0x28e000b7, "ld.d $r23, $r5, -2048", HOST_LOAD, HOST_GPR, 8, 23, 0, 0, 0x4ff800 },
	{ 0x380c1cde, "ldx.d $r30, $r6, $r7", HOST_LOAD, HOST_GPR, 8, 30, 0, 0, 0xd00000 },
	{ 0x2a2000b7, "ld.bu $r23, $r5, -2048", HOST_LOAD, HOST_GPR, 1, 23, 0, 0, 0x4ff800 },
	{ 0x38201cde, "ldx.bu $r30, $r6, $r7", HOST_LOAD, HOST_GPR, 1, 30, 0, 0, 0xd00000 },
	{ 0x2a6000b7, "ld.hu $r23, $r5, -2048", HOST_LOAD, HOST_GPR, 2, 23, 0, 0, 0x4ff800 },
	{ 0x38241cde, "ldx.hu $r30, $r6, $r7", HOST_LOAD, HOST_GPR, 2, 30, 0, 0, 0xd00000 },
	{ 0x2aa000b7, "ld.wu $r23, $r5, -2048", HOST_LOAD, HOST_GPR, 4, 23, 0, 0, 0x4ff800 },
	{ 0x38281cde, "ldx.wu $r30, $r6, $r7", HOST_LOAD, HOST_GPR, 4, 30, 0, 0, 0xd00000 },
	{ 0x292000b7, "st.b $r23, $r5, -2048", HOST_STORE, HOST_GPR, 1, 23, 0, 0, 0x4ff800 },
	{ 0x38101cde, "stx.b $r30, $r6, $r7", HOST_STORE, HOST_GPR, 1, 30, 0, 0, 0xd00000 },
	{ 0x296000b7, "st.h $r23, $r5, -2048", HOST_STORE, HOST_GPR, 2, 23, 0, 0, 0x4ff800 },
	{ 0x38141cde, "stx.h $r30, $r6, $r7", HOST_STORE, HOST_GPR, 2, 30, 0, 0, 0xd00000 },
	{ 0x29a000b7, "st.w $r23, $r5, -2048", HOST_STORE, HOST_GPR, 4, 23, 0, 0, 0x4ff800 },
	{ 0x38181cde, "stx.w $r30, $r6, $r7", HOST_STORE, HOST_GPR, 4, 30, 0, 0, 0xd00000 },
	{ 0x29e000b7, "st.d $r23, $r5, -2048", HOST_STORE, HOST_GPR, 8, 23, 0, 0, 0x4ff800 },
	{ 0x381c1cde, "stx.d $r30, $r6, $r7", HOST_STORE, HOST_GPR, 8, 30, 0, 0, 0xd00000 },
	{ 0x2b1ffff1, "fld.s $f17, $r31, 2047", HOST_LOAD, HOST_VREG, 4, 17, 0, 0, 0x1f007ff },
	{ 0x38301cc1, "fldx.s $f1, $r6, $r7", HOST_LOAD, HOST_VREG, 4, 1, 0, 0, 0xd00000 },
	{ 0x2b9ffff1, "fld.d $f17, $r31, 2047", HOST_LOAD, HOST_VREG, 8, 17, 0, 0, 0x1f007ff },
	{ 0x38341cc1, "fldx.d $f1, $r6, $r7", HOST_LOAD, HOST_VREG, 8, 1, 0, 0, 0xd00000 },
	{ 0x2b5ffff1, "fst.s $f17, $r31, 2047", HOST_STORE, HOST_VREG, 4, 17, 0, 0, 0x1f007ff },
	{ 0x38381cc1, "fstx.s $f1, $r6, $r7", HOST_STORE, HOST_VREG, 4, 1, 0, 0, 0xd00000 },
	{ 0x2bdffff1, "fst.d $f17, $r31, 2047", HOST_STORE, HOST_VREG, 8, 17, 0, 0, 0x1f007ff },
	{ 0x383c1cc1, "fstx.d $f1, $r6, $r7", HOST_STORE, HOST_VREG, 8, 1, 0, 0, 0xd00000 },
	{ 0x2c3fc09f, "vld $vr31, $r4, -16", HOST_LOAD, HOST_VREG, 16, 31, 0, 0, 0x3ffff0 },
	{ 0x38402482, "vldx $vr2, $r4, $r9", HOST_LOAD, HOST_VREG, 16, 2, 0, 0, 0xd00000 },
	{ 0x2c7fc09f, "vst $vr31, $r4, -16", HOST_STORE, HOST_VREG, 16, 31, 0, 0, 0x3ffff0 },
	{ 0x38442482, "vstx $vr2, $r4, $r9", HOST_STORE, HOST_VREG, 16, 2, 0, 0, 0xd00000 },
	{ 0x20800144, "ll.w $r4, $r10, -32768", HOST_LOAD, HOST_GPR_SIGNED, 4, 4, 0, 0, 0x9f8000 },
	{ 0x207ffd44, "ll.w $r4, $r10, 32764", HOST_LOAD, HOST_GPR_SIGNED, 4, 4, 0, 0, 0xa07ffc },
	{ 0x22800144, "ll.d $r4, $r10, -32768", HOST_LOAD, HOST_GPR, 8, 4, 0, 0, 0x9f8000 },
	{ 0x227ffd44, "ll.d $r4, $r10, 32764", HOST_LOAD, HOST_GPR, 8, 4, 0, 0, 0xa07ffc },
	{ 0x21800144, "sc.w $r4, $r10, -32768", HOST_SC, HOST_GPR, 4, 4, 0, 0, 0x9f8000 },
	{ 0x217ffd44, "sc.w $r4, $r10, 32764", HOST_SC, HOST_GPR, 4, 4, 0, 0, 0xa07ffc },
	{ 0x23800144, "sc.d $r4, $r10, -32768", HOST_SC, HOST_GPR, 8, 4, 0, 0, 0x9f8000 },
	{ 0x237ffd44, "sc.d $r4, $r10, 32764", HOST_SC, HOST_GPR, 8, 4, 0, 0, 0xa07ffc },
	{ 0x24800144, "ldptr.w $r4, $r10, -32768", HOST_LOAD, HOST_GPR_SIGNED, 4, 4, 0, 0, 0x9f8000 },
	{ 0x247ffd44, "ldptr.w $r4, $r10, 32764", HOST_LOAD, HOST_GPR_SIGNED, 4, 4, 0, 0, 0xa07ffc },
	{ 0x26800144, "ldptr.d $r4, $r10, -32768", HOST_LOAD, HOST_GPR, 8, 4, 0, 0, 0x9f8000 },
	{ 0x267ffd44, "ldptr.d $r4, $r10, 32764", HOST_LOAD, HOST_GPR, 8, 4, 0, 0, 0xa07ffc },
	{ 0x25800144, "stptr.w $r4, $r10, -32768", HOST_STORE, HOST_GPR, 4, 4, 0, 0, 0x9f8000 },
	{ 0x257ffd44, "stptr.w $r4, $r10, 32764", HOST_STORE, HOST_GPR, 4, 4, 0, 0, 0xa07ffc },
	{ 0x27800144, "stptr.d $r4, $r10, -32768", HOST_STORE, HOST_GPR, 8, 4, 0, 0, 0x9f8000 },
	{ 0x277ffd44, "stptr.d $r4, $r10, 32764", HOST_STORE, HOST_GPR, 8, 4, 0, 0, 0xa07ffc },
	{ 0x38601d44, "amswap.w $r4, $r7, $r10", HOST_SWAP, HOST_GPR_SIGNED, 4, 4, 7, 0, 0xa00000 },
	{ 0x38609d44, "amswap.d $r4, $r7, $r10", HOST_SWAP, HOST_GPR_SIGNED, 8, 4, 7, 0, 0xa00000 },
	{ 0x38691d44, "amswap_db.w $r4, $r7, $r10", HOST_SWAP, HOST_GPR_SIGNED, 4, 4, 7, 0, 0xa00000 },
	{ 0x38699d44, "amswap_db.d $r4, $r7, $r10", HOST_SWAP, HOST_GPR_SIGNED, 8, 4, 7, 0, 0xa00000 },
	{ 0x38611d44, "amadd.w $r4, $r7, $r10", HOST_ADD, HOST_GPR_SIGNED, 4, 4, 7, 0, 0xa00000 },
	{ 0x38619d44, "amadd.d $r4, $r7, $r10", HOST_ADD, HOST_GPR_SIGNED, 8, 4, 7, 0, 0xa00000 },
	{ 0x386a1d44, "amadd_db.w $r4, $r7, $r10", HOST_ADD, HOST_GPR_SIGNED, 4, 4, 7, 0, 0xa00000 },
	{ 0x386a9d44, "amadd_db.d $r4, $r7, $r10", HOST_ADD, HOST_GPR_SIGNED, 8, 4, 7, 0, 0xa00000 },
	{ 0x38621d44, "amand.w $r4, $r7, $r10", HOST_AND, HOST_GPR_SIGNED, 4, 4, 7, 0, 0xa00000 },
	{ 0x38629d44, "amand.d $r4, $r7, $r10", HOST_AND, HOST_GPR_SIGNED, 8, 4, 7, 0, 0xa00000 },
	{ 0x386b1d44, "amand_db.w $r4, $r7, $r10", HOST_AND, HOST_GPR_SIGNED, 4, 4, 7, 0, 0xa00000 },
	{ 0x386b9d44, "amand_db.d $r4, $r7, $r10", HOST_AND, HOST_GPR_SIGNED, 8, 4, 7, 0, 0xa00000 },
	{ 0x38631d44, "amor.w $r4, $r7, $r10", HOST_OR, HOST_GPR_SIGNED, 4, 4, 7, 0, 0xa00000 },
	{ 0x38639d44, "amor.d $r4, $r7, $r10", HOST_OR, HOST_GPR_SIGNED, 8, 4, 7, 0, 0xa00000 },
	{ 0x386c1d44, "amor_db.w $r4, $r7, $r10", HOST_OR, HOST_GPR_SIGNED, 4, 4, 7, 0, 0xa00000 },
	{ 0x386c9d44, "amor_db.d $r4, $r7, $r10", HOST_OR, HOST_GPR_SIGNED, 8, 4, 7, 0, 0xa00000 },
	{ 0x38641d44, "amxor.w $r4, $r7, $r10", HOST_XOR, HOST_GPR_SIGNED, 4, 4, 7, 0, 0xa00000 },
	{ 0x38649d44, "amxor.d $r4, $r7, $r10", HOST_XOR, HOST_GPR_SIGNED, 8, 4, 7, 0, 0xa00000 },
	{ 0x386d1d44, "amxor_db.w $r4, $r7, $r10", HOST_XOR, HOST_GPR_SIGNED, 4, 4, 7, 0, 0xa00000 },
	{ 0x386d9d44, "amxor_db.d $r4, $r7, $r10", HOST_XOR, HOST_GPR_SIGNED, 8, 4, 7, 0, 0xa00000 },
	{ 0x31be0103, "vstelm.b $vr3, $r8, -128, 15", HOST_STORE, HOST_VREG, 1, 3, 0, 15, 0x7fff80 },
	{ 0x3181fd03, "vstelm.b $vr3, $r8, 127, 0", HOST_STORE, HOST_VREG, 1, 3, 0, 0, 0x80007f },
	{ 0x30a00104, "vldrepl.b $vr4, $r8, -2048", HOST_LOAD, HOST_VREG_ALL, 1, 4, 0, 0, 0x7ff800 },
	{ 0x309ffd04, "vldrepl.b $vr4, $r8, 2047", HOST_LOAD, HOST_VREG_ALL, 1, 4, 0, 0, 0x8007ff },
	{ 0x315e0103, "vstelm.h $vr3, $r8, -256, 7", HOST_STORE, HOST_VREG, 2, 3, 0, 14, 0x7fff00 },
	{ 0x3141fd03, "vstelm.h $vr3, $r8, 254, 0", HOST_STORE, HOST_VREG, 2, 3, 0, 0, 0x8000fe },
	{ 0x30500104, "vldrepl.h $vr4, $r8, -2048", HOST_LOAD, HOST_VREG_ALL, 2, 4, 0, 0, 0x7ff800 },
	{ 0x304ffd04, "vldrepl.h $vr4, $r8, 2046", HOST_LOAD, HOST_VREG_ALL, 2, 4, 0, 0, 0x8007fe },
	{ 0x312e0103, "vstelm.w $vr3, $r8, -512, 3", HOST_STORE, HOST_VREG, 4, 3, 0, 12, 0x7ffe00 },
	{ 0x3121fd03, "vstelm.w $vr3, $r8, 508, 0", HOST_STORE, HOST_VREG, 4, 3, 0, 0, 0x8001fc },
	{ 0x30280104, "vldrepl.w $vr4, $r8, -2048", HOST_LOAD, HOST_VREG_ALL, 4, 4, 0, 0, 0x7ff800 },
	{ 0x3027fd04, "vldrepl.w $vr4, $r8, 2044", HOST_LOAD, HOST_VREG_ALL, 4, 4, 0, 0, 0x8007fc },
	{ 0x31160103, "vstelm.d $vr3, $r8, -1024, 1", HOST_STORE, HOST_VREG, 8, 3, 0, 8, 0x7ffc00 },
	{ 0x3111fd03, "vstelm.d $vr3, $r8, 1016, 0", HOST_STORE, HOST_VREG, 8, 3, 0, 0, 0x8003f8 },
	{ 0x30140104, "vldrepl.d $vr4, $r8, -2048", HOST_LOAD, HOST_VREG_ALL, 8, 4, 0, 0, 0x7ff800 },
	{ 0x3013fd04, "vldrepl.d $vr4, $r8, 2040", HOST_LOAD, HOST_VREG_ALL, 8, 4, 0, 0, 0x8007f8 },
};

static const uint32_t others[] = {
	0x001018a4, /* add.w */
	0x2ac000a0, /* preld */
	0x4c000020, /* jr */
	0x38720000, /* dbar */
	0x38651d44, /* ammax.w: never emitted */
	0x002b0000, /* syscall */
	0x14000004, /* lu12i.w */
	0x2c800081, /* xvld: never emitted */
};

static struct trap_frame frame;

static void test_decode(void)
{
	struct host_insn got;

	for (unsigned n = 0; n < 32; n++)
		frame.r[n] = (uint64_t)n << 20;
	for (unsigned n = 0; n < sizeof(cases) / sizeof(cases[0]); n++) {
		CHECK(host_insn_decode(cases[n].word, &frame, &got) == 0, "%s not decoded", cases[n].text);
		CHECK((int)got.op == cases[n].op && (int)got.file == cases[n].file, "%s: op %d file %d", cases[n].text, got.op, got.file);
		CHECK(got.size == cases[n].size && got.reg == cases[n].reg, "%s: size %u reg %u", cases[n].text, got.size, got.reg);
		CHECK(got.op < HOST_SWAP || got.value_reg == cases[n].value_reg, "%s: value register", cases[n].text);
		CHECK(got.element == cases[n].element, "%s: element %u", cases[n].text, got.element);
		CHECK(got.address == cases[n].address, "%s: address %llx", cases[n].text, (unsigned long long)got.address);
	}
	for (unsigned n = 0; n < sizeof(others) / sizeof(others[0]); n++)
		CHECK(host_insn_decode(others[n], &frame, &got) == -1, "%08x decoded", others[n]);
}

static uint64_t result(enum host_file file, unsigned size, uint64_t bytes)
{
	struct host_insn i = { .op = HOST_LOAD, .file = file, .size = size, .reg = 9 };

	host_insn_result(&i, &frame, &bytes);
	return frame.r[9];
}

static void test_registers(void)
{
	static const uint8_t ones[16] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };
	struct host_insn i = { .op = HOST_LOAD, .file = HOST_GPR, .size = 8, .reg = 0 };
	uint64_t v = 0x8877665544332211, buf[2];

	CHECK(result(HOST_GPR, 1, 0xf1) == 0xf1, "ld.bu");
	CHECK(result(HOST_GPR_SIGNED, 1, 0xf1) == (uint64_t)-15, "ld.b");
	CHECK(result(HOST_GPR_SIGNED, 2, 0x8000) == 0xffffffffffff8000, "ld.h");
	CHECK(result(HOST_GPR_SIGNED, 4, 0x80000000) == 0xffffffff80000000, "ld.w");
	CHECK(result(HOST_GPR, 4, 0x80000000) == 0x80000000, "ld.wu");
	CHECK(result(HOST_GPR, 8, v) == v, "ld.d");
	frame.r[0] = 0;
	host_insn_result(&i, &frame, &v);
	CHECK(frame.r[0] == 0, "r0 written");

	memset(vregs, 0xee, sizeof(vregs));
	i = (struct host_insn){ .op = HOST_LOAD, .file = HOST_VREG, .size = 4, .reg = 3 };
	host_insn_result(&i, &frame, &v);
	memcpy(buf, vregs[3], 16);
	CHECK(buf[0] == 0xeeeeeeee44332211 && buf[1] == 0xeeeeeeeeeeeeeeee, "fld.s");
	i.file = HOST_VREG_ALL;
	i.size = 1;
	host_insn_result(&i, &frame, ones);
	CHECK(!memcmp(vregs[3], ones, 16), "vldrepl.b");
	for (unsigned n = 0; n < 16; n++)
		vregs[5][n] = n;
	i = (struct host_insn){ .op = HOST_STORE, .file = HOST_VREG, .size = 2, .reg = 5, .element = 6 };
	host_insn_source(&i, &frame, buf);
	CHECK((uint16_t)buf[0] == 0x0706, "vstelm.h");
	i = (struct host_insn){ .op = HOST_STORE, .file = HOST_GPR, .size = 8, .reg = 9 };
	frame.r[9] = v;
	host_insn_source(&i, &frame, buf);
	CHECK(buf[0] == v, "st.d");
}

int main(void)
{
	test_decode();
	test_registers();
	return report();
}
