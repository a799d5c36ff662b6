-- What sorted.sql sorts a product by: a number, or a text. $5, $6: as there.
case $5::text
    when 'price_asc' then product.price::double precision
    when 'price_desc' then -product.price::double precision
    when 'newest' then -extract(epoch from product.created)::double precision
    when 'popularity' then -product.popularity::double precision
end as number_key,
case
    when $5::text = 'name'
        then
            translate(
                lower(
                    case $6::text
                        when 'ru' then coalesce(product.name_ru, product.name_uk, product.name_pl)
                        when 'uk' then coalesce(product.name_uk, product.name_ru, product.name_pl)
                        else coalesce(product.name_pl, product.name_uk, product.name_ru)
                    end
                ),
                'АБВГҐДЕЁЄЖЗИІЇЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯґёєіїĄĆĘŁŃÓŚŹŻąćęłńóśźż',
                'абвггдееежзииийклмнопрстуфхцчшщъыьэюягееииacelnoszzacelnoszz'
            )
end collate "C" as text_key
