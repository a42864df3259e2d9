using NodaTime;

namespace Orchestrator.Core.Windows;

/// <summary>The time zones of the IANA database that comes with NodaTime.</summary>
public static class TimeZones
{
    private static readonly IDateTimeZoneProvider Provider = DateTimeZoneProviders.Tzdb;

    /// <summary>Whether there is a zone of that name.</summary>
    /// <param name="problem">If not: what is wrong, with the nearest name; else empty.</param>
    public static bool Exists(string id, out string problem)
    {
        if (Provider.Ids.Contains(id))
        {
            problem = "";
            return true;
        }

        var nearest = Nearest(id);
        problem = $"there is no time zone \"{id}\"{(nearest.Length > 0 ? $"; did you mean {nearest}?" : "; expected an IANA name such as Europe/Berlin")}";
        return false;
    }

    /// <exception cref="DateTimeZoneNotFoundException">There is none of that name.</exception>
    internal static DateTimeZone Get(string id) => Provider[id];

    /// <summary>A city without its region, another case, or a few wrong letters; empty if nothing is near.</summary>
    private static string Nearest(string id)
    {
        var wanted = id.Trim().Replace(' ', '_').ToUpperInvariant();
        if (wanted.Length is 0 or > 64)
        {
            return "";
        }

        var (best, distance) = Provider.Ids
            .Select(known => (Id: known, Distance: Math.Min(EditDistance.Between(wanted, known.ToUpperInvariant()), EditDistance.Between(wanted, City(known)))))
            .OrderBy(pair => pair.Distance)
            .ThenBy(pair => pair.Id, StringComparer.Ordinal)
            .First();
        return distance <= Math.Max(1, wanted.Length / 3) ? best : "";
    }

    private static string City(string id) => id[(id.LastIndexOf('/') + 1)..].ToUpperInvariant();
}
