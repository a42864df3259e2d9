using Orchestrator.Core.Engines;

namespace Orchestrator.Engines;

/// <summary>The PEM files of a cluster's section <c>tls</c>; an empty path where none is named.</summary>
/// <param name="Ca">Authorities that sign the servers' certificates.</param>
/// <param name="Certificate">The client's certificate.</param>
/// <param name="Key">Its key.</param>
internal sealed record PemFiles(string Ca, string Certificate, string Key)
{
    /// <summary>Whether the client's certificate is a PFX file, which has the key too.</summary>
    public bool IsPfx => Path.GetExtension(Certificate) is ".pfx" or ".p12";

    /// <summary>Reads the paths; a file that is not there is an error of the settings.</summary>
    public static PemFiles Read(IEngineSettings tls) => new(ReadFile(tls, "ca"), ReadFile(tls, "certificate"), ReadFile(tls, "key"));

    /// <summary>Half a client certificate, and files that cannot be used, are errors of the settings.</summary>
    /// <param name="problem">Why the driver cannot use them; null if it can. Not asked for half a certificate.</param>
    public void Check(IEngineSettings tls, Func<string?> problem)
    {
        if (tls.Has("certificate") != tls.Has("key") && !IsPfx)
        {
            tls.Fail(
                tls.Has("certificate") ? "key" : "certificate",
                "expected a file, since a client certificate needs both certificate and key; found none", 0);
        }
        else if (problem() is { } reason)
        {
            tls.Fail(Certificate.Length > 0 ? "certificate" : "ca", $"expected {(IsPfx ? "a PFX file" : "PEM files")}, but {reason}", 0);
        }
    }

    private static string ReadFile(IEngineSettings tls, string key)
    {
        var path = tls.Has(key) ? tls.FilePath(key) : "";
        return path.Length == 0 || File.Exists(path) ? path : tls.Fail(key, $"expected a file, but {path} is not there", "");
    }
}
