using Orchestrator.Core.Engines;

namespace Orchestrator.Engines;

/// <summary>URLs of servers in the settings of a cluster.</summary>
internal static class EngineUrls
{
    private const int Most = 99;

    /// <summary>A list of URLs, all http or all https, at least one; what is wrong is an error of the settings.</summary>
    /// <param name="example">How one looks, for the messages.</param>
    public static IReadOnlyList<Uri> Read(IEngineSettings cluster, string key, string example)
    {
        var texts = cluster.TextList(key, text => Check(text, example));
        if (cluster.Has(key) && texts.Count == 0 && !cluster.HasErrorAt(key))
        {
            cluster.Fail(key, "expected at least one URL, found none", 0);
        }
        else if (texts.Count > Most)
        {
            cluster.Fail(key, $"expected at most {Most} URLs, found {texts.Count}", 0);
        }

        var urls = texts.Where(text => Check(text, example) is null).Select(text => new Uri(text)).ToList();
        if (urls.Select(url => url.Scheme).Distinct().Count() > 1)
        {
            cluster.Fail(key, "expected all URLs with https or all with http, found both", 0);
        }

        return urls;
    }

    /// <returns>What is wrong with one; null if nothing is.</returns>
    public static string? Check(string text, string example) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.PathAndQuery == "/" && url.UserInfo.Length == 0
            ? null
            : $"expected a URL such as {example}, found \"{(url?.UserInfo.Length > 0 ? "a URL with user and password, which do not belong there" : text)}\"";
}
