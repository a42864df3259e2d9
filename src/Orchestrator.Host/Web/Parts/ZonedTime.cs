using System.Globalization;
using NodaTime;
using NodaTime.Extensions;

namespace Orchestrator.Host.Web.Parts;

/// <summary>Times by the clock on the wall of a zone, whatever zones the machine knows.</summary>
internal static class ZonedTime
{
    /// <summary>For example <c>Sun 2026-03-29 03:00 +02:00</c>.</summary>
    /// <param name="zone">IANA name; UTC for one that is not known.</param>
    public static string Text(DateTimeOffset at, string zone)
    {
        var found = DateTimeZoneProviders.Tzdb.GetZoneOrNull(zone) ?? DateTimeZone.Utc;
        var local = at.ToInstant().InZone(found);
        return local.ToDateTimeOffset().ToString("ddd yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture);
    }
}
