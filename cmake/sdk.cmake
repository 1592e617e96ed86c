# The digest of the SDK's headers. While the API level is 0, a plugin loads only
# into a host that was built with the same headers: both carry this digest.
file(GLOB KPIPE_SDK_HEADERS CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/sdk/include/kpipe/*.h)
list(SORT KPIPE_SDK_HEADERS)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${KPIPE_SDK_HEADERS})
set(digests "")
foreach(header IN LISTS KPIPE_SDK_HEADERS)
  get_filename_component(name ${header} NAME)
  file(SHA256 ${header} digest)
  string(APPEND digests "${digest} ${name}\n")
endforeach()
string(SHA256 KPIPE_SDK_HASH "${digests}")
configure_file(${PROJECT_SOURCE_DIR}/sdk/sdk_hash.h.in
               ${PROJECT_BINARY_DIR}/sdk/include/kpipe/sdk_hash.h @ONLY)

include(${PROJECT_SOURCE_DIR}/sdk/cmake/KpipePlugin.cmake)
