using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Orchestrator.Engines;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Composition;

/// <summary>The HTTP server's certificate; looks at most every few seconds whether its files have changed and then reads them again.</summary>
internal sealed class ServerCertificate
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly TlsSettings settings;
    private readonly TimeProvider time;
    private readonly Serilog.ILogger logger;
    private readonly Lock gate = new();
    private X509Certificate2 current;
    private (DateTime Certificate, DateTime Key) readVersion;
    private long lookedAt;

    private ServerCertificate(TlsSettings settings, TimeProvider time, Serilog.ILogger logger)
    {
        this.settings = settings;
        this.time = time;
        this.logger = logger;
        readVersion = Version();
        current = Read(settings);
        lookedAt = time.GetTimestamp();
    }

    /// <summary>What new connections get. New files that cannot be read leave the old certificate in use and are logged.</summary>
    public X509Certificate2 Current
    {
        get
        {
            lock (gate)
            {
                if (time.GetElapsedTime(lookedAt) >= Interval)
                {
                    lookedAt = time.GetTimestamp();
                    Renew();
                }

                return current;
            }
        }
    }

    /// <exception cref="FileException">It cannot be read.</exception>
    public static ServerCertificate Load(TlsSettings settings, TimeProvider time, Serilog.ILogger logger)
    {
        try
        {
            return new ServerCertificate(settings, time, logger);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            throw new FileException($"orchestrator.http.tls: the certificate {settings.Certificate} cannot be read: {FileProblem.Of(e, settings.Certificate)}.", e);
        }
    }

    private static bool IsUnreadable(Exception e) => e is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException;

    private static X509Certificate2 Read(TlsSettings settings)
    {
        RegularFile.Require(settings.Certificate);
        RegularFile.Require(settings.Key);
        var password = settings.Password.IsEmpty ? null : settings.Password.Value;
        if (X509Certificate2.GetCertContentType(settings.Certificate) == X509ContentType.Pkcs12)
        {
            return X509CertificateLoader.LoadPkcs12FromFile(settings.Certificate, password);
        }

        var key = settings.Key.Length > 0 ? settings.Key : settings.Certificate;
        return password is null
            ? X509Certificate2.CreateFromPemFile(settings.Certificate, key)
            : X509Certificate2.CreateFromEncryptedPemFile(settings.Certificate, password, key);
    }

    private (DateTime Certificate, DateTime Key) Version() => (
        File.GetLastWriteTimeUtc(settings.Certificate), settings.Key.Length > 0 ? File.GetLastWriteTimeUtc(settings.Key) : default);

    private void Renew()
    {
        try
        {
            var version = Version();
            if (version == readVersion)
            {
                return;
            }

            // The old one is left to connections that still use it.
            current = Read(settings);
            readVersion = version;
            logger.Information("The HTTP server has a new certificate, valid until {End:u}", current.NotAfter);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            logger.Warning("The HTTP server's new certificate cannot be read, the old one stays in use: {Reason}", FileProblem.Of(e, settings.Certificate));
        }
    }
}
