using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Formatting;

namespace Orchestrator.Host.Doctor;

/// <summary>Whether certificates can be read, and how long they are good.</summary>
internal static class CertificateChecks
{
    private static readonly TimeSpan Notice = TimeSpan.FromDays(30);

    public static IReadOnlyList<Finding> Look(OrchestratorSettings settings, TimeProvider time)
    {
        var found = new List<Finding>();
        if (settings.Http is { IsEncrypted: true, Tls: { } http })
        {
            found.Add(Certificate("http-certificate", http.Certificate, time, () =>
            {
                var certificate = ServerCertificate.Load(http, time, Serilog.Core.Logger.None).Current;
                return (certificate.NotBefore, certificate.NotAfter);
            }));
        }

        if (settings.Http.Tls is { Authorities.Length: > 0 } trusted)
        {
            found.Add(Guard("http-authorities", () =>
            {
                OutgoingHttp.Trusting(trusted.Authorities);
                return Finding.Ok("http-authorities", $"{trusted.Authorities} can be read.");
            }));
        }

        if (settings.Remoting.Tls is { } remoting)
        {
            found.Add(Certificate("remoting-certificate", remoting.Certificate, time, () => RemotingCertificate.Check(remoting)));
        }

        return found;
    }

    private static Finding Certificate(string check, string file, TimeProvider time, Func<(DateTime From, DateTime Until)> read) => Guard(check, () =>
    {
        var (from, until) = read();
        var (begin, end) = (new DateTimeOffset(from), new DateTimeOffset(until));
        var left = end - time.GetUtcNow();
        const string remedy = "Replace the file; a server that runs reads the HTTP certificate again by itself.";
        return begin > time.GetUtcNow()
            ? Finding.Fail(check, $"{file} is not valid before {Human.Minute(begin)}.", "If it should be valid by now, correct the clock of this machine; else replace the file.")
            : left <= TimeSpan.Zero ? Finding.Fail(check, $"{file} has been invalid since {Human.Minute(end)}.", remedy)
            : left < Notice ? Finding.Warn(check, $"{file} is valid only until {Human.Minute(end)}.", remedy)
            : Finding.Ok(check, $"{file} is valid until {Human.Minute(end)}.");
    });

    private static Finding Guard(string check, Func<Finding> look)
    {
        try
        {
            return look();
        }
        catch (FileException e)
        {
            return Finding.Fail(check, e.Message, "Correct the file or the setting.");
        }
    }
}
