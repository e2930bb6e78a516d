# make help lists what can be made. Variables that may be set: O (build directory), PKG (fetched packages and what is built
# from them; may be shared between build directories), and for make run those listed by make help.
O ?= build
PKG ?= build/pkg
export O PKG

# V=1 shows the commands.
Q := $(if $(V),,@)
say = @$(if $(V),true,printf '%-8s%s\n' $(1) $@)

CLANG := clang-19
LD := ld.lld-19
AR := llvm-ar-19
OBJCOPY := llvm-objcopy-19
# The address at which the ELF image is linked: 2 MiB, seen through the cached direct-mapped window.
IMAGE_BASE := 0x9000000000200000
SEABIOS := /usr/share/seabios/bios-256k.bin

# ---- Compiler flags. Everything is soft-float and without LSX, musl included: the guest's vector and floating-point registers stay in
# the host's while C runs. No contraction: clang would make a*b+c a call of fma(), also within fma(). ----
TARGET := --target=loongarch64-linux-gnusf -march=loongarch64 -mabi=lp64s -msoft-float -mno-lsx
CODEGEN := -O2 -g -fPIE -fdirect-access-external-data -ftls-model=local-exec -fno-stack-protector -fno-strict-aliasing \
	-fno-omit-frame-pointer -momit-leaf-frame-pointer -ffp-contract=off -fno-asynchronous-unwind-tables -ffunction-sections -fdata-sections
HEADERS := -nostdinc -isystem $(shell $(CLANG) -print-resource-dir 2>/dev/null)/include -isystem $(PKG)/include
CFLAGS := $(TARGET) $(CODEGEN) -std=gnu11 -Wall -Wextra -Werror=implicit -fvisibility=hidden $(HEADERS) \
	-I. -I$(O)/gen -isystem $(PKG)/dtc/libfdt
# Assembly may use every instruction; the ABI mark must agree with that of the C objects.
ASFLAGS := --target=loongarch64-linux-gnusf -march=la464 -mabi=lp64s -g -I. -I$(O)/gen -I$(PKG)/include
LDFLAGS := -T linker.ld -pie --no-dynamic-linker -z text --gc-sections --no-undefined --no-relax -z norelro -z noexecstack

SOURCES := $(sort $(wildcard arch/loongarch/*.[cS] libc/*.c libc/*.S translator/*.[cS] hw/*.c hw/*/*.c firmware/*.c *.c))
OBJECTS := $(patsubst %,$(O)/obj/%.o,$(basename $(filter-out translator/asm-offsets.c,$(SOURCES))))
BLOBS := $(O)/obj/blob/seabios.o $(if $(wildcard firmware/dsdt.asl),$(O)/obj/blob/dsdt.o)
LIBS := $(PKG)/lib/libfdt.a $(PKG)/lib/libc.a $(PKG)/lib/libbuiltins.a

.PHONY: all image run test debian-test endurance fuzz bench usb guest deps help clean distclean
.DELETE_ON_ERROR:
.SECONDARY:

all: image

image: $(O)/fw.elf $(O)/fw.efi

# ---- The image: one set of objects, two links, each in two passes: the second adds the symbol table made from the first. ----
LINK_elf := --defsym=image_base=$(IMAGE_BASE)
LINK_pie :=

# Loaders of the older kind want ET_EXEC (2 in e_type, a half word at offset 16), and that is where it is to be loaded.
$(O)/fw.elf: $(O)/obj/fw.elf
	$(Q)cp $< $@.tmp
	$(Q)printf '\002' | dd of=$@.tmp bs=1 seek=16 conv=notrunc status=none
	$(Q)mv $@.tmp $@

$(O)/fw.efi: $(O)/obj/fw.pie
	$(call say,OBJCOPY)
	$(Q)$(OBJCOPY) -O binary $< $@

$(O)/obj/fw.elf $(O)/obj/fw.pie: $(O)/obj/fw.%: $(O)/obj/symbols.%.o $(OBJECTS) $(BLOBS) $(LIBS) linker.ld
	$(call say,LINK)
	$(Q)$(LD) $(LDFLAGS) $(LINK_$*) -Map $@.map -o $@ $(OBJECTS) $(BLOBS) $< $(LIBS)

$(O)/obj/pass1.elf $(O)/obj/pass1.pie: $(O)/obj/pass1.%: $(O)/obj/symbols.none.o $(OBJECTS) $(BLOBS) $(LIBS) linker.ld
	$(call say,LINK)
	$(Q)$(LD) $(LDFLAGS) $(LINK_$*) -o $@ $(OBJECTS) $(BLOBS) $< $(LIBS)

$(O)/gen/symbols.none.S: tools/mksymbols
	@mkdir -p $(@D)
	$(Q)tools/mksymbols > $@

$(O)/gen/symbols.elf.S $(O)/gen/symbols.pie.S: $(O)/gen/symbols.%.S: $(O)/obj/pass1.% tools/mksymbols
	$(Q)tools/mksymbols $< > $@

$(O)/obj/symbols.%.o: $(O)/gen/symbols.%.S
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(ASFLAGS) -c -o $@ $<

$(O)/obj/main.o: CFLAGS += -DVERSION='"$(shell git describe --always --dirty 2>/dev/null || echo unknown)"'
$(O)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call say,CC)
	$(Q)$(CLANG) $(CFLAGS) -MMD -MP -c -o $@ $<

$(O)/obj/%.o: %.S Makefile
	@mkdir -p $(@D)
	$(call say,AS)
	$(Q)$(CLANG) $(ASFLAGS) -MMD -MP -c -o $@ $<

$(OBJECTS): | $(O)/gen/asm-offsets.h $(PKG)/include/stdio.h $(PKG)/dtc

-include $(OBJECTS:.o=.d) $(O)/gen/asm-offsets.d

$(O)/gen/asm-offsets.s: translator/asm-offsets.c Makefile | $(PKG)/include/stdio.h $(PKG)/dtc
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(CFLAGS) -MMD -MP -S -o $@ $<

$(O)/gen/asm-offsets.h: $(O)/gen/asm-offsets.s
	$(Q)sed -n 's/.*"@\([A-Z0-9_]* -*[0-9]*\)@".*/#define \1/p' $< > $@

# ---- Files that are part of the image as they are. ----
$(O)/gen/seabios.bin: $(SEABIOS)
	@mkdir -p $(@D)
	$(Q)cp $< $@

$(O)/gen/dsdt.bin: firmware/dsdt.asl firmware/prt.asl firmware/links.asl hw/layout.h
	@mkdir -p $(@D)
	$(call say,IASL)
	$(Q)iasl -p $(O)/gen/dsdt $< > $(O)/gen/dsdt.log || { cat $(O)/gen/dsdt.log; exit 1; }
	$(Q)mv $(O)/gen/dsdt.aml $@

$(O)/obj/blob/%.o: $(O)/gen/%.bin tools/blob.S
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(ASFLAGS) -DBLOB=$* -DFILE='"$<"' -c -o $@ tools/blob.S

# ---- Libraries, built from Debian's unmodified source. ----
$(PKG)/dtc:
	$(call say,FETCH)
	$(Q)tools/fetch src trixie device-tree-compiler $@

$(PKG)/musl:
	$(call say,FETCH)
	$(Q)tools/fetch src sid musl $@

$(PKG)/builtins:
	$(call say,FETCH)
	$(Q)tools/fetch src bookworm llvm-toolchain-19 $@ '*/compiler-rt/lib/builtins/*'

$(PKG)/include/stdio.h: tools/build-musl | $(PKG)/musl
	$(call say,BUILD)
	$(Q)tools/build-musl headers "$(CLANG) $(TARGET)"

$(PKG)/lib/libc.a: tools/build-musl libc/syscall_arch.h $(PKG)/include/stdio.h | $(PKG)/musl
	$(call say,BUILD)
	$(Q)tools/build-musl lib "$(CLANG) $(TARGET) $(CODEGEN)"

$(PKG)/lib/libfdt.a: $(PKG)/include/stdio.h tools/build-lib | $(PKG)/dtc
	$(call say,BUILD)
	$(Q)tools/build-lib $@ "$(CLANG) $(TARGET) $(CODEGEN) $(HEADERS) -I$(PKG)/dtc/libfdt" $(PKG)/dtc/libfdt/fdt*.c

# The 80-bit and the hosted parts of compiler-rt have no place here.
$(PKG)/lib/libbuiltins.a: $(PKG)/include/stdio.h tools/build-lib | $(PKG)/builtins
	$(call say,BUILD)
	$(Q)tools/build-lib $@ "$(CLANG) $(TARGET) $(CODEGEN) $(HEADERS) -DVISIBILITY_HIDDEN" $$(ls \
		$(PKG)/builtins/compiler-rt/lib/builtins/*.c $(PKG)/builtins/compiler-rt/lib/builtins/loongarch/*.c | \
		grep -v -E '/[a-z]*xf[^/]*\.c|/(divxc3|mulxc3|atomic.*|emutls|enable_execute_stack|eprintf|clear_cache|crt[a-z]*)\.c|/(gcc_personality_v0|apple_versioning|os_version_check|trampoline_setup|.*bf2)\.c')

# ---- Running it. tools/run-qemu reads the options from the environment, where make puts what its command line says. ----
GUEST ?= i386
export GUEST
# What is missing is installed before anything is made: a second make then sees the tools.
run:
	$(Q)tools/run-qemu check
	$(Q)tools/deps
	$(Q)$(MAKE) --no-print-directory image $(if $(DISK),,guest) $(if $(filter 1,$(EFI)),usb)
	$(Q)tools/run-qemu

# A demo guest's disk holds what its user wrote: it is made when there is none, and never again.
guest: $(O)/guest-$(GUEST).img

$(O)/guest-%.img:
	$(call say,GUEST)
	$(Q)tools/mkguest $@ $*

$(O)/guest-memtest.img $(O)/guest-ipxe.img: $(O)/guest-%.img:
	$(call say,GUEST)
	$(Q)tools/mkpayload $@ $*

$(O)/guest-debian.img:
	$(call say,GUEST)
	$(Q)tools/mkdebian $@

usb: $(O)/usb.img

$(O)/usb.img: $(O)/fw.efi tools/mkusb tools/usb/grub.cfg
	$(call say,USB)
	$(Q)tools/mkusb $@ $<

# ---- Tests and the rest. ----
deps:
	$(Q)tools/deps

test:
	$(Q)tools/deps
	$(Q)$(MAKE) --no-print-directory image
	$(Q)tests/run

debian-test:
	$(Q)tools/deps
	$(Q)$(MAKE) --no-print-directory image
	$(Q)tests/debian/session

# MINUTES comes through the environment.
endurance:
	$(Q)tools/deps
	$(Q)$(MAKE) --no-print-directory image
	$(Q)tests/endurance/long

# SEED and MINUTES come through the environment.
fuzz:
	$(Q)tools/deps
	$(Q)$(MAKE) --no-print-directory image
	$(Q)tests/conformance/fuzz

bench:
	$(Q)tools/deps >&2
	$(Q)$(MAKE) --no-print-directory image >&2
	$(Q)bench/run $(if $(CSV),--csv) $(if $(QEMU),--qemu) $(NAMES)

# Keeps fetched packages and the demo guest's disk.
clean:
	rm -rf $(O)/obj $(O)/gen $(O)/tests $(O)/bench $(O)/fw.* $(O)/usb.img

distclean:
	rm -rf $(O)

help:
	@sed -n 's/^#: \{0,1\}//p' Makefile

#: make, make image   the firmware: build/fw.elf (for QEMU's -kernel) and build/fw.efi (for UEFI and GRUB)
#: make run           installs what is missing, makes the firmware and the demo guest's disk, and starts it on QEMU
#:     GUEST=KIND         which demo guest: i386 or amd64 (Debian bookworm's kernels), trixie (Debian trixie's amd64 kernel), or debian (a
#:                        full bookworm amd64 with systemd; some minutes to make), memtest or ipxe (memtest86+, iPXE) (i386)
#:     DISK=FILE          raw disk image to boot from (build/guest-KIND.img, the demo guest)
#:     DISKIF=KIND        how the disk is attached: virtio, ahci, nvme or usb (virtio)
#:     MEM=SIZE CPUS=N    memory and processors of the machine (2G, 1)
#:     EFI=1              start the real way: UEFI, a USB stick, GRUB; otherwise QEMU loads the image itself
#:     BIOS=FILE          guest BIOS ROM in place of SeaBIOS, 64 KiB to 1 MiB
#:     APPEND="WORDS"     the firmware's command line
#:     QEMU_ARGS="ARGS"   more arguments for QEMU, split at blanks
#:     COUNT=1            counts host instructions and prints the number at the end; COUNT_AT="TEXT|TEXT" also when the console
#:                        shows these texts, in this order
#: make usb           build/usb.img, to be written to a USB stick that starts a real machine
#: make guest         build/guest-KIND.img, the disk of demo guest GUEST=KIND, when there is none
#: make test          installs what is missing and passes all tests
#: make debian-test   the guest of GUEST=debian to a login, with programs and off again; as long as all of make test
#: make endurance     guests that map and unmap for an hour of their time: nothing gets slower, larger or wrong (docs/performance.md)
#:     MINUTES=N          how much of their time (60)
#: make fuzz          goes on where the conformance test ends (docs/conformance.md)
#:     SEED=N MINUTES=N   seed of the cases and length of the run (1, 10)
#: make bench         counts host instructions of benchmark kernels and compares with bench/baseline.csv (docs/performance.md)
#:     NAMES="NAME..."    only these kernels
#:     CSV=1              prints CSV
#:     QEMU=1             beside it, what QEMU's own x86 emulation on LoongArch costs
#: make deps          installs the Debian packages that are missing
#: make clean         removes what was built, but neither fetched packages nor the demo guest's disk
#: make distclean     removes the whole build directory
#: O=DIR is another build directory, PKG=DIR another one for fetched packages, V=1 shows the commands.
