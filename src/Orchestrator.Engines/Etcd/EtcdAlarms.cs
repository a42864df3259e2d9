using System.Globalization;
using System.Text.RegularExpressions;

namespace Orchestrator.Engines.Etcd;

/// <summary>Alarms, as the errors of a status tell them (<c>memberID:9265619892315062708 alarm:NOSPACE</c>): asking so costs no raft entry.</summary>
internal static partial class EtcdAlarms
{
    public const string NoSpace = "NOSPACE";

    public const string Corrupt = "CORRUPT";

    /// <summary>Every alarm of the cluster with the member that it stands for.</summary>
    public static IReadOnlyList<(ulong Member, string Alarm)> Of(StatusResponse status) =>
    [
        .. status.Errors
            .Select(error => Alarm().Match(error))
            .Where(match => match.Success && ulong.TryParse(match.Groups[1].Value, CultureInfo.InvariantCulture, out _))
            .Select(match => (ulong.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture), match.Groups[2].Value)),
    ];

    [GeneratedRegex(@"memberID:\s*(\d+)\s+alarm:\s*(\w+)", RegexOptions.CultureInvariant)]
    private static partial Regex Alarm();
}
