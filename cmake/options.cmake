# The switches of a build, and the flags that all of it is compiled with.
option(KPIPE_TESTS "build the tests (needs check)" ON)
option(KPIPE_WERROR "treat warnings as errors" OFF)
option(KPIPE_STATIC_PLUGINS "compile the bundled plugins into kpipe; it then opens no shared objects" OFF)
option(KPIPE_LZO "the plugin lzo, which is GPL-2.0-or-later (needs liblzo2)" ON)
option(KPIPE_ZSTD "the plugin zstd (needs libzstd)" ON)
option(KPIPE_DTB "the plugin dtb (needs libfdt)" ON)
option(KPIPE_COVERAGE "instrument for line coverage" OFF)
set(KPIPE_SANITIZE "" CACHE STRING "sanitizers, as in -fsanitize=: address,undefined or thread")

if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "Release, Debug or RelWithDebInfo" FORCE)
endif()

# Where things go below the prefix.
set(KPIPE_PLUGIN_DIR ${CMAKE_INSTALL_LIBDIR}/kpipe/plugins)
set(KPIPE_WORKER_DIR ${CMAKE_INSTALL_LIBDIR}/kpipe)
set(KPIPE_RECIPE_DIR ${CMAKE_INSTALL_DATADIR}/kpipe/recipes)
set(KPIPE_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/kpipe)

set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_SKIP_INSTALL_RPATH ON)

add_compile_options(-Wall -Wextra -Wconversion -Wshadow -Wvla -Wformat=2 -Wstrict-prototypes
                    -Wmissing-prototypes)
if(KPIPE_WERROR)
  add_compile_options(-Werror)
endif()
if(KPIPE_SANITIZE)
  add_compile_options(-fsanitize=${KPIPE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${KPIPE_SANITIZE})
else()
  add_compile_options($<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2> -fstack-protector-strong)
  add_link_options(-Wl,-z,relro -Wl,-z,now)
endif()
if(KPIPE_COVERAGE)
  add_compile_options(--coverage -fprofile-update=atomic) # threads count too
  add_link_options(--coverage)
endif()
