# The libraries of the mission. All come from the distribution's packages.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(YAML REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(ELF REQUIRED IMPORTED_TARGET libelf)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(LIBDEFLATE REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(LZMA REQUIRED IMPORTED_TARGET liblzma>=5.4)
find_package(BZip2 REQUIRED) # Debian 12's libbz2 has no .pc file
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)
if(KPIPE_TESTS)
  pkg_check_modules(CHECK REQUIRED IMPORTED_TARGET check)
endif()
