#pragma once

// A self-signed certificate made on the spot, and a server context that uses it.

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <memory>
#include <string>

#include "base/assert.hpp"

namespace wrapup {

class TestCertificate {
public:
    // `subject_alt_name` as in OpenSSL's configuration: "IP:127.0.0.1", "DNS:crm.test".
    explicit TestCertificate(const std::string& subject_alt_name)
        : key_(EVP_EC_gen("P-256"), &EVP_PKEY_free),
          certificate_(X509_new(), &X509_free),
          context_(SSL_CTX_new(TLS_server_method()), &SSL_CTX_free) {
        X509* const certificate = certificate_.get();
        X509_set_version(certificate, X509_VERSION_3);
        ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
        X509_gmtime_adj(X509_getm_notBefore(certificate), -60);
        X509_gmtime_adj(X509_getm_notAfter(certificate), 3600);
        X509_set_pubkey(certificate, key_.get());
        X509_NAME* const name = X509_get_subject_name(certificate);
        const auto* const common_name = reinterpret_cast<const unsigned char*>("scripted peer");
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, common_name, -1, -1, 0);
        X509_set_issuer_name(certificate, name);
        X509_EXTENSION* const extension =
            X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, subject_alt_name.c_str());
        X509_add_ext(certificate, extension, -1);
        X509_EXTENSION_free(extension);
        WRAPUP_ASSERT(X509_sign(certificate, key_.get(), EVP_sha256()) > 0);
        WRAPUP_ASSERT(SSL_CTX_use_certificate(context_.get(), certificate) == 1);
        WRAPUP_ASSERT(SSL_CTX_use_PrivateKey(context_.get(), key_.get()) == 1);
    }

    SSL_CTX* context() const { return context_.get(); }

    void write_to(const std::string& path) const {
        std::FILE* const file = std::fopen(path.c_str(), "w");
        WRAPUP_ASSERT(file != nullptr);
        WRAPUP_ASSERT(PEM_write_X509(file, certificate_.get()) == 1);
        std::fclose(file);
    }

private:
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key_;
    std::unique_ptr<X509, decltype(&X509_free)> certificate_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context_;
};

}  // namespace wrapup
