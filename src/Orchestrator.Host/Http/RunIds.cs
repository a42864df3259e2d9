using System.Globalization;

namespace Orchestrator.Host.Http;

/// <summary>Makes the ids of runs: the time, for people, and a random part, for uniqueness.</summary>
/// <param name="time">The clock.</param>
/// <param name="randomPart">A few random hexadecimal digits.</param>
internal sealed class RunIds(TimeProvider time, Func<string> randomPart)
{
    /// <summary>For example <c>20260131-221500-3fa9c1</c> (UTC).</summary>
    public string Next() =>
        string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow().UtcDateTime:yyyyMMdd-HHmmss}-{randomPart()}");
}
