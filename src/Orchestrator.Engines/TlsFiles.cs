using Orchestrator.Core.Engines;

namespace Orchestrator.Engines;

/// <summary>How connections to a cluster are secured: the files of its section <c>tls</c>. An empty text where nothing is named.</summary>
/// <param name="Ca">Certificates of the authorities that sign the servers' certificates, as PEM; empty: those that the system trusts.</param>
/// <param name="Certificate">The client's own certificate: PEM with <paramref name="Key"/>, or a PFX file, which has the key too.</param>
/// <param name="Key">Its private key as PEM.</param>
public sealed record TlsFiles(string Ca, string Certificate, string Key)
{
    public static TlsFiles None { get; } = new("", "", "");

    /// <summary>Name that the servers' certificates must have; empty: that of the URL.</summary>
    public string ServerName { get; init; } = "";

    /// <summary>Password of the PFX file: never to be logged.</summary>
    public string Password { get; init; } = "";

    /// <summary>Whether the client's certificate is a PFX file.</summary>
    internal bool IsPfx => Path.GetExtension(Certificate) is ".pfx" or ".p12";

    /// <summary>
    /// Reads a section. A file that is not there or cannot be used, and half a client certificate, are errors of the settings.
    /// </summary>
    /// <param name="hasServerName">Whether the section may name the server.</param>
    /// <param name="password">Of a PFX file.</param>
    internal static TlsFiles Read(IEngineSettings tls, bool hasServerName = false, string password = "")
    {
        var files = new TlsFiles(ReadFile(tls, "ca"), ReadFile(tls, "certificate"), ReadFile(tls, "key"))
        {
            ServerName = hasServerName && tls.Has("server-name") ? tls.RequiredText("server-name") : "",
            Password = password,
        };
        if (tls.Has("certificate") != tls.Has("key") && !files.IsPfx)
        {
            tls.Fail(
                tls.Has("certificate") ? "key" : "certificate",
                "expected a file, since a client certificate needs both certificate and key; found none", 0);
        }
        else
        {
            files.CheckCertificates(tls);
        }

        return files;
    }

    private static string ReadFile(IEngineSettings tls, string key)
    {
        var path = tls.Has(key) ? tls.FilePath(key) : "";
        return path.Length == 0 || File.Exists(path) ? path : tls.Fail(key, $"expected a file, but {path} is not there", "");
    }

    private void CheckCertificates(IEngineSettings tls)
    {
        try
        {
            new EngineCertificates(this).Dispose();
        }
        catch (EngineException e)
        {
            tls.Fail(Certificate.Length > 0 ? "certificate" : "ca", $"expected {(IsPfx ? "a PFX file" : "PEM files")}, but {e.Message}", 0);
        }
    }
}
