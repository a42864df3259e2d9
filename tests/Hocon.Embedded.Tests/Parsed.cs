using Hocon.Parsing;
using Hocon.Tree;

namespace Hocon.Tests;

/// <summary>Reads configurations with a given environment and writes them as one line of JSON.</summary>
internal static class Parsed
{
    public static Config Config(string hocon, params (string Name, string Value)[] environment) =>
        HoconConfigurationFactory.Parse(
            new SourceText(null, hocon),
            new NoIncludes(),
            name => environment.Where(variable => variable.Name == name).Select(variable => variable.Value).FirstOrDefault());

    public static string Json(string hocon, params (string Name, string Value)[] environment) =>
        NodeRenderer.Render(Config(hocon, environment).Tree, 0);

    public static string Error(string hocon) => Assert.Throws<HoconParserException>(() => Config(hocon)).Message;
}
