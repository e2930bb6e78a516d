/*
 * Numbers of the opcode groups (Intel SDM volume 2, table A-6). Private to the decoder.
 */
#ifndef TRANSLATOR_DECODE_GROUPS_H
#define TRANSLATOR_DECODE_GROUPS_H

enum decode_group_number {
	GRP_1_Eb_Ib, GRP_1_Ev_Iz, GRP_1_Ev_Is, GRP_1A,
	GRP_2_Eb_Ib, GRP_2_Ev_Ib, GRP_2_Eb_1, GRP_2_Ev_1, GRP_2_Eb_CL, GRP_2_Ev_CL,
	GRP_3_Eb, GRP_3_Ev, GRP_4, GRP_5, GRP_6, GRP_7, GRP_8, GRP_9,
	GRP_11_Eb_Ib, GRP_11_Ev_Iz,
	GRP_12_MMX, GRP_12_XMM, GRP_13_MMX, GRP_13_XMM, GRP_14_MMX, GRP_14_XMM, GRP_15, GRP_15_F3,
	GRP_MOVLPS, GRP_MOVHPS, /* 0F 12 and 0F 16: another operation between registers */
	GRP_COUNT
};

#endif
