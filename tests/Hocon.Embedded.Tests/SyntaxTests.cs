namespace Hocon.Tests;

public sealed class SyntaxTests
{
    [Theory]
    [InlineData("", "{}")]
    [InlineData("{}", "{}")]
    [InlineData(" \n # only a comment\n // and another", "{}")]
    [InlineData("\uFEFFa=1", "{\"a\": 1}")]
    [InlineData("a=1", "{\"a\": 1}")]
    [InlineData("{a:1}\n# after", "{\"a\": 1}")]
    [InlineData("a = 1, b : 2\nc { d = 3 }", "{\"a\": 1, \"b\": 2, \"c\": {\"d\": 3}}")]
    [InlineData("a\n=\n1", "{\"a\": 1}")]
    [InlineData("{a:1,}", "{\"a\": 1}")]
    [InlineData("a=[1,2,]", "{\"a\": [1, 2]}")]
    [InlineData("a=[1\n2\n\n3]", "{\"a\": [1, 2, 3]}")]
    [InlineData("a=[\n\n]", "{\"a\": []}")]
    [InlineData("a=1 # comment\nb=2 // comment", "{\"a\": 1, \"b\": 2}")]
    [InlineData("a=1#comment\nb=x//comment", "{\"a\": 1, \"b\": \"x\"}")]
    [InlineData("a=\"# no comment // here\"", "{\"a\": \"# no comment // here\"}")]
    public void Documents_objects_arrays_and_comments(string hocon, string json) => Assert.Equal(json, Parsed.Json(hocon));

    [Theory]
    [InlineData("a = the quick  fox  ", "{\"a\": \"the quick  fox\"}")]
    [InlineData("a = /var/lib/data", "{\"a\": \"/var/lib/data\"}")]
    [InlineData("a = 10s", "{\"a\": \"10s\"}")]
    [InlineData("a = 007", "{\"a\": \"007\"}")]
    [InlineData("a = 1e+5", "{\"a\": 1e+5}")]
    [InlineData("a = -1.5E-3", "{\"a\": -1.5E-3}")]
    [InlineData("a = true, b = false, c = null, d = truest", "{\"a\": true, \"b\": false, \"c\": null, \"d\": \"truest\"}")]
    [InlineData("a = \"true\", b = \"1\", c = \"null\"", "{\"a\": \"true\", \"b\": \"1\", \"c\": \"null\"}")]
    [InlineData("a = null x", "{\"a\": \"null x\"}")]
    [InlineData("a = \"x\" \"y\" z", "{\"a\": \"x y z\"}")]
    [InlineData("a = 1\"\"", "{\"a\": \"1\"}")]
    [InlineData("a = include", "{\"a\": \"include\"}")]
    public void Scalars_and_their_concatenation(string hocon, string json) => Assert.Equal(json, Parsed.Json(hocon));

    [Theory]
    [InlineData("""a = "\" \\ \/ \b \f \n \r \t" """, "\" \\ / \b \f \n \r \t")]
    [InlineData("""a = "\u00e9\uD83D\uDE00" """, "é😀")]
    [InlineData("a = \"\"\"x \\n \"y\" z\"\"\"", "x \\n \"y\" z")]
    [InlineData("a = \"\"\"one\n  two\"\"\"", "one\n  two")]
    [InlineData("a = \"\"\"x\"\"\"\"\"", "x\"\"")]
    [InlineData("a = \"\"\"\"\"\"", "")]
    [InlineData("a = \"\"", "")]
    [InlineData("a = \"😀\u0001\"", "😀\u0001")]
    public void Quoted_strings_and_escapes(string hocon, string text)
    {
        var config = Parsed.Config(hocon);
        Assert.Equal(text, config.GetString("a"));
        Assert.Equal(text, Parsed.Config(config.ToString()).GetString("a"));
    }

    [Theory]
    [InlineData("a.b.c = 1", "{\"a\": {\"b\": {\"c\": 1}}}")]
    [InlineData("a.\"b.c\".d = 1", "{\"a\": {\"b.c\": {\"d\": 1}}}")]
    [InlineData("a b c = 1", "{\"a b c\": 1}")]
    [InlineData("\"\" = 1", "{\"\": 1}")]
    [InlineData("10.0foo = 1", "{\"10\": {\"0foo\": 1}}")]
    [InlineData("true = 1", "{\"true\": 1}")]
    [InlineData("a\"b\" = 1", "{\"ab\": 1}")]
    [InlineData("\".\" = 1", "{\".\": 1}")]
    [InlineData("foo include = 1", "{\"foo include\": 1}")]
    [InlineData("\"include\" = 1", "{\"include\": 1}")]
    [InlineData("included = 1", "{\"included\": 1}")]
    [InlineData("include.x = 1", "{\"include\": {\"x\": 1}}")]
    public void Keys_are_path_expressions(string hocon, string json) => Assert.Equal(json, Parsed.Json(hocon));

    [Theory]
    [InlineData("a=1,a=2", "{\"a\": 2}")]
    [InlineData("a{x=1},a{y=2}", "{\"a\": {\"x\": 1, \"y\": 2}}")]
    [InlineData("a{x=1},a{x{z=3}}", "{\"a\": {\"x\": {\"z\": 3}}}")]
    [InlineData("a{x=1},a=null,a{y=2}", "{\"a\": {\"y\": 2}}")]
    [InlineData("a.x=1,b=0,a.y=2", "{\"a\": {\"x\": 1, \"y\": 2}, \"b\": 0}")]
    [InlineData("a=[1],a=[2]", "{\"a\": [2]}")]
    [InlineData("a=[1] [2,3]", "{\"a\": [1, 2, 3]}")]
    [InlineData("a={x=1} {y=2}", "{\"a\": {\"x\": 1, \"y\": 2}}")]
    [InlineData("a={x=1}{x=2}{x=3}", "{\"a\": {\"x\": 3}}")]
    [InlineData("a={\"1\":b,\"0\":a} [c]", "{\"a\": [\"a\", \"b\", \"c\"]}")]
    [InlineData("a += 1, a += 2", "{\"a\": [1, 2]}")]
    [InlineData("a=[0],a += [1]", "{\"a\": [0, [1]]}")]
    [InlineData("b=[{a += 1, a += 2}]", "{\"b\": [{\"a\": [1, 2]}]}")]
    [InlineData("a.b += x, a.b += y", "{\"a\": {\"b\": [\"x\", \"y\"]}}")]
    public void Duplicate_keys_merging_and_appending(string hocon, string json) => Assert.Equal(json, Parsed.Json(hocon));

    [Theory]
    [InlineData("a = ", 1, 5, "expected a value, found the end of the text")]
    [InlineData("a = 1\nb = }", 2, 5, "expected a value, found '}'")]
    [InlineData("a = {\n b = 1\n", 3, 1, "expected '}' or a key, found the end of the text")]
    [InlineData("a = 1 }", 1, 7, "no '{' that this '}' closes")]
    [InlineData("}", 1, 1, "no '{' that this '}' closes")]
    [InlineData("a", 1, 2, "expected ':', '=', '+=' or '{' after the key a")]
    [InlineData("a = [1", 1, 7, "expected a comma, a new line or ']'")]
    [InlineData("a = [1,,2]", 1, 8, "expected a value, found ','")]
    [InlineData("a = [,1]", 1, 6, "expected a value, found ','")]
    [InlineData("a = 1,,b = 2", 1, 7, "expected a key, found ','")]
    [InlineData("[1]", 1, 1, "expected keys with values, found an array")]
    [InlineData("a = http://x", 1, 9, "must stand in quotes, found ':'")]
    [InlineData("a = *", 1, 5, "must stand in quotes, found '*'")]
    [InlineData("a = \"x\ny\"", 1, 7, "expected the closing quote")]
    [InlineData("a = \"\\q\"", 1, 7, "after the backslash")]
    [InlineData("a = \"\\u12g4\"", 1, 10, "four hexadecimal digits")]
    [InlineData("x = 1\na = \"\"\"x", 2, 5, "three closing quotes")]
    [InlineData("a..b = 1", 1, 4, "before and after each dot")]
    [InlineData(".a = 1", 1, 2, "before and after each dot")]
    [InlineData("a. = 1", 1, 4, "before and after each dot")]
    [InlineData("${a} = 1", 1, 1, "expected a key, found '$'")]
    [InlineData("a = $b", 1, 6, "expected '{' after '$'")]
    [InlineData("a = ${b", 1, 8, "expected '}'")]
    [InlineData("a = ${}", 1, 7, "expected a path")]
    [InlineData("a = ${ ?b}", 1, 8, "expected a path")]
    [InlineData("{a=1} b", 1, 7, "expected the end of the text")]
    [InlineData("include = 1", 1, 9, "after include")]
    [InlineData("include x", 1, 9, "after include")]
    [InlineData("include required(required(\"x\"))", 1, 18, "inside required")]
    [InlineData("include file(\"x\"", 1, 17, "expected ')'")]
    [InlineData("a = [1] x", 1, 5, "cannot join an array and \"x\"")]
    [InlineData("a = {} x", 1, 5, "cannot join an object and \"x\"")]
    [InlineData("a = {} [1]", 1, 5, "cannot join an object and an array")]
    [InlineData("a = 1, a += 2", 1, 8, "cannot join \"1\" and an array")]
    public void Errors_give_line_column_and_what_was_expected(string hocon, int line, int column, string part)
    {
        var error = Assert.Throws<HoconParserException>(() => Parsed.Config(hocon));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
        Assert.Equal((line, column), (error.LineNumber, error.LinePosition));
        Assert.StartsWith($"line {line}, column {column}: ", error.Message, StringComparison.Ordinal);
    }
}
