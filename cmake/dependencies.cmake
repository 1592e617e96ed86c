# The libraries of the mission. All come from the distribution's packages.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(ELF REQUIRED IMPORTED_TARGET libelf)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(LIBDEFLATE REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(LZ4 REQUIRED IMPORTED_TARGET liblz4)
pkg_check_modules(LZO QUIET IMPORTED_TARGET lzo2)
pkg_check_modules(ZSTD QUIET IMPORTED_TARGET libzstd)
pkg_check_modules(LZMA REQUIRED IMPORTED_TARGET liblzma>=5.4)
find_package(BZip2 REQUIRED) # Debian 12's libbz2 has no .pc file
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
find_path(FDT_INCLUDE_DIR libfdt.h) # libfdt has no pkg-config file
find_library(FDT_LIBRARY fdt)
mark_as_advanced(FDT_INCLUDE_DIR FDT_LIBRARY)
if(FDT_INCLUDE_DIR AND FDT_LIBRARY)
  add_library(kpipe::fdt UNKNOWN IMPORTED)
  set_target_properties(kpipe::fdt PROPERTIES IMPORTED_LOCATION ${FDT_LIBRARY}
                                              INTERFACE_INCLUDE_DIRECTORIES ${FDT_INCLUDE_DIR})
endif()
pkg_check_modules(P11KIT QUIET IMPORTED_TARGET p11-kit-1)
# Without it host tools and workers run without a filter of system calls, and -v says so.
pkg_check_modules(SECCOMP IMPORTED_TARGET libseccomp)
if(KPIPE_TESTS)
  pkg_check_modules(CHECK REQUIRED IMPORTED_TARGET check)
endif()
