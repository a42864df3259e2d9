using System.Security.Authentication;

namespace Orchestrator.Engines.Tests;

public sealed class EngineHttpTests
{
    [Theory]
    [InlineData("The remote certificate is invalid according to the validation procedure: RemoteCertificateNameMismatch", ": its certificate is for another name")]
    [InlineData("The remote certificate is invalid because of errors in the certificate chain: NotTimeValid", ": its certificate has expired, or is not valid yet")]
    [InlineData("The remote certificate is invalid because of errors in the certificate chain: UntrustedRoot", ": no authority that is trusted here has signed its certificate;")]
    [InlineData("The remote certificate is invalid because of errors in the certificate chain: PartialChain", ": no authority that is trusted here has signed its certificate;")]
    [InlineData("Authentication failed, see inner exception.", "the TLS connection was not accepted; look at tls.ca")]
    public void Why_a_certificate_is_refused_is_told_in_plain_words(string message, string expected)
    {
        var told = EngineHttp.Describe(new HttpRequestException("The SSL connection could not be established", new AuthenticationException(message)));

        Assert.Contains(expected, told, StringComparison.Ordinal);
        Assert.DoesNotContain("remote certificate", told, StringComparison.Ordinal);
    }
}
