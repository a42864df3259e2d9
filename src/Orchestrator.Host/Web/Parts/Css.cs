using System.Globalization;

namespace Orchestrator.Host.Web.Parts;

/// <summary>Lengths as styles have them.</summary>
internal static class Css
{
    /// <param name="share">0 to 1.</param>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{share * 100:0.##}%");
}
