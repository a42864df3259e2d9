using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Tests.Configuration;

/// <summary>Settings are shown with their source, and no secret among them.</summary>
public sealed class SettingsInEffectTests
{
    private const string File = """
        orchestrator {
          http.port = 9000
          journal.connection-string = "Host=db;Password=hidden-1"
          security { cluster-secret = hidden-2-and-long-enough, tokens.ann { hash = "sha256:hidden-3", roles = [hidden-4] } }
          clusters.main { engine = embedded, auth { user = u, password = hidden-5 }, endpoints = ["x://a:hidden-6@h"] }
          notifications.webhooks.chat { url = "https://hooks/hidden-7", secret = hidden-8 }
          http.tls.password = hidden-9
          windows.nights { time-zone = "Europe/Berlin" }
        }
        """;

    private readonly IReadOnlyList<SettingInEffect> _settings = SettingsInEffect.Of(ConfigurationSources.Parse(File, "node.conf"));

    [Fact]
    public void A_setting_says_where_it_comes_from()
    {
        Assert.Equal(new SettingInEffect("orchestrator.http.port", "9000", "node.conf:2"), Find("orchestrator.http.port"));
        Assert.Equal(new SettingInEffect("orchestrator.http.host", "127.0.0.1", ""), Find("orchestrator.http.host"));
        Assert.Equal("Europe/Berlin", Find("orchestrator.windows.nights.time-zone").Value);
    }

    [Fact]
    public void No_secret_is_shown()
    {
        Assert.Equal([], _settings.Where(setting => setting.Value?.Contains("hidden", StringComparison.Ordinal) == true));
        Assert.Equal(9, File.Split("hidden-").Length - 1);
        Assert.All(
            ["orchestrator.journal.connection-string", "orchestrator.security.cluster-secret", "orchestrator.http.tls.password", "orchestrator.clusters.main.auth.password"],
            path => Assert.Null(Find(path).Value));
    }

    private SettingInEffect Find(string path) => Assert.Single(_settings, setting => setting.Path == path);
}
